package io.drivetrain.trainer.improve.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AugmentationsTest {
    private static final int SIDE = 24;
    private static final int PLANE = SIDE * SIDE;

    /** A sky of 210, a road of 60, and a lamp of 250 on the road's left. */
    private static byte[] scene() {
        byte[] pixels = new byte[3 * PLANE];
        for (int channel = 0; channel < 3; channel++) {
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    boolean lamp = y >= 16 && y < 18 && x >= 4 && x < 6;
                    pixels[channel * PLANE + y * SIDE + x] = (byte) (lamp ? 250 : y < SIDE / 2 ? 210 : 60);
                }
            }
        }
        return pixels;
    }

    private static Image image(byte[] pixels) {
        return new Image(3, SIDE, SIDE, pixels);
    }

    private static byte[] noise(long seed) {
        byte[] pixels = new byte[3 * PLANE];
        new Random(seed).nextBytes(pixels);
        return pixels;
    }

    private static byte[] applied(Augmentations augmentations, byte[] pixels, long seed, long... draw) {
        return augmentations.apply(pixels, 3, SIDE, SIDE, seed, draw);
    }

    @Test
    void textIsReadInAnyOrderWithOrWithoutStrengths() {
        Augmentations augmentations = Augmentations.parse(List.of("brightness=0.3", " flip ", "cut-out=1"));
        assertThat(augmentations.steps())
                .containsExactly(
                        new Augmentations.Step(Augmentation.FLIP, 0.5),
                        new Augmentations.Step(Augmentation.BRIGHTNESS, 0.3),
                        new Augmentations.Step(Augmentation.CUT_OUT, 1));
        assertThat(augmentations).hasToString("flip=0.5,brightness=0.3,cut-out=1.0");
        assertThat(Augmentations.parse(List.of()).isEmpty()).isTrue();
    }

    @Test
    void everyProblemOfATextIsNamed() {
        assertThatThrownBy(() -> Augmentations.parse(List.of("flpi", "noise=loud", "blur=2", "crop")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Unknown augmentation 'flpi' in improve.augment; known are flip, crop, night, reflections, brightness, contrast, blur, noise, cut-out, each alone or with its strength 0 to 1: brightness=0.3; "
                                + "The strength of noise in improve.augment is 'loud'; it must be a number from 0 to 1, for example noise=0.2; "
                                + "The strength of blur in improve.augment is 2.0; it must be 0 to 1");
        assertThatThrownBy(() -> Augmentations.parse(List.of("flip", "flip=1")))
                .hasMessage("improve.augment names flip twice; name it once");
    }

    @ParameterizedTest
    @EnumSource(Augmentation.class)
    void sameDrawGivesTheSameImageAndTheSourceStays(Augmentation kind) {
        Augmentations augmentations = new Augmentations(List.of(new Augmentations.Step(kind, 1)));
        byte[] source = noise(1);
        byte[] kept = source.clone();
        for (int sample = 0; sample < 20; sample++) {
            assertThat(applied(augmentations, source, 5, 1, sample))
                    .isEqualTo(applied(augmentations, source, 5, 1, sample));
        }
        assertThat(source).isEqualTo(kept);
    }

    @ParameterizedTest
    @EnumSource(Augmentation.class)
    void otherSeedsEpochsAndSamplesGiveOtherImages(Augmentation kind) {
        Augmentations augmentations = new Augmentations(List.of(new Augmentations.Step(kind, 0.5)));
        byte[] source = noise(1);
        assertThat(IntStream.range(0, 20)
                        .mapToObj(i -> Arrays.hashCode(applied(augmentations, source, 5, 1, i)))
                        .distinct())
                .hasSizeGreaterThan(1);
        assertThat(IntStream.range(0, 20)
                        .mapToObj(i -> Arrays.hashCode(applied(augmentations, source, 5, i, 1)))
                        .distinct())
                .hasSizeGreaterThan(1);
        assertThat(IntStream.range(0, 20)
                        .mapToObj(i -> Arrays.hashCode(applied(augmentations, source, i, 1, 1)))
                        .distinct())
                .hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @EnumSource(Augmentation.class)
    void strengthOfZeroLeavesTheImageAlone(Augmentation kind) {
        Augmentations augmentations = new Augmentations(List.of(new Augmentations.Step(kind, 0)));
        byte[] source = noise(2);
        for (int sample = 0; sample < 10; sample++) {
            assertThat(applied(augmentations, source, 5, 1, sample)).isEqualTo(source);
        }
    }

    @Test
    void oneMoreKindLeavesTheDrawsOfTheOthersAlone() {
        byte[] source = scene();
        byte[] alone = applied(Augmentations.parse(List.of("crop=0.5")), source, 3, 1, 2);
        byte[] withFlip = applied(Augmentations.parse(List.of("crop=0.5", "flip=0")), source, 3, 1, 2);
        assertThat(withFlip).isEqualTo(alone);
    }

    @Test
    void flipIsUndoneByAnother() {
        Image source = image(noise(3));
        Image mirrored = Geometry.mirrored(source);
        assertThat(mirrored.at(1, 5, 0)).isEqualTo(source.at(1, 5, SIDE - 1));
        assertThat(Geometry.mirrored(mirrored).values()).isEqualTo(source.values());
    }

    @Test
    void flipChangesAShareOfTheImagesAsLargeAsItsStrength() {
        Augmentations augmentations = Augmentations.parse(List.of("flip=0.3"));
        byte[] source = scene();
        long flipped = IntStream.range(0, 2000)
                .filter(sample -> applied(augmentations, source, 5, 1, sample) != source)
                .count();
        assertThat(flipped).isBetween(520L, 680L);
    }

    @Test
    void cropOfEverythingIsTheImageAndOfAPartIsThatPart() {
        Image source = image(noise(4));
        assertThat(Geometry.cropped(source, 0, 0, 1).values()).isEqualTo(source.values());
        Image quarter = Geometry.cropped(image(scene()), SIDE / 2.0, SIDE / 2.0, 0.5);
        assertThat(quarter.at(0, SIDE / 2, SIDE / 2)).isEqualTo(60);
    }

    @Test
    void brightnessAndContrastScaleValuesWithinTheirRange() {
        Image source = image(scene());
        assertThat(Tones.brightened(source, 0.5).at(0, 0, 0)).isEqualTo(105);
        assertThat(Tones.brightened(source, 3).at(0, 0, 0)).isEqualTo(255);
        Image flat = Tones.contrasted(source, 0);
        assertThat(flat.at(0, 0, 0)).isEqualTo(flat.at(2, SIDE - 1, SIDE - 1));
        assertThat(Tones.mean(Tones.contrasted(source, 0.5), 0)).isCloseTo(Tones.mean(source, 0), within(0.6));
    }

    @Test
    void blurKeepsTheMeanAndTakesAwayDetail() {
        Image source = image(noise(5));
        Image blurred = Blur.gaussian(source, 2);
        assertThat(Tones.mean(blurred, 0)).isCloseTo(Tones.mean(source, 0), within(4.0));
        assertThat(deviation(blurred)).isLessThan(deviation(source) / 4);
        assertThat(Blur.gaussian(source, 0.1).values()).isEqualTo(source.values());
    }

    @Test
    void noiseHasTheDeviationItShould() {
        byte[] grey = new byte[3 * PLANE];
        Arrays.fill(grey, (byte) 128);
        assertThat(deviation(Tones.noisy(image(grey), 10, new SplittableRandom(1))))
                .isCloseTo(10, within(0.7));
    }

    @Test
    void cutOutCoversOneSquareWithTheMeanColour() {
        Image source = image(scene());
        Image cut = Geometry.withoutSquare(source, 12, 12, 6);
        int changed = 0;
        for (int i = 0; i < PLANE; i++) {
            changed += cut.values()[i] == source.values()[i] ? 0 : 1;
        }
        assertThat(changed).isEqualTo(36);
        assertThat(cut.at(0, 12, 12)).isCloseTo((int) Math.round(Tones.mean(source, 0)), within(1));
    }

    @Test
    void nightDarkensTheSceneTurnsItBlueAndKeepsTheLamp() {
        Image night = Night.of(image(scene()), 1, new SplittableRandom(1));
        assertThat(Tones.mean(night, 0)).isLessThan(Tones.mean(image(scene()), 0) / 3);
        assertThat(Tones.mean(night, 2)).isGreaterThan(1.2 * Tones.mean(night, 0));
        assertThat(night.at(0, 16, 4)).isGreaterThan(200);
        assertThat(night.at(0, 20, 20)).isLessThan(40);
    }

    @Test
    void nightIsNotDoubled() {
        byte[] dark = scene();
        for (int i = 0; i < dark.length; i++) {
            dark[i] = (byte) ((dark[i] & 0xff) / 12);
        }
        double before = Tones.mean(image(dark), 1);
        assertThat(Tones.mean(Night.of(image(dark), 1, new SplittableRandom(1)), 1))
                .isGreaterThan(0.6 * before);
    }

    @Test
    void wetRoadMirrorsTheSkyBelowTheHorizonOnly() {
        Image source = image(scene());
        Image wet = Reflections.wetRoad(source, 0.5, 1);
        for (int y = 0; y < SIDE / 2; y++) {
            assertThat(wet.at(0, y, 3)).isEqualTo(source.at(0, y, 3));
        }
        assertThat(wet.at(0, SIDE / 2 + 1, 12)).isGreaterThan(180);
        assertThat(wet.at(0, SIDE / 2 + 1, 12)).isGreaterThan(wet.at(0, SIDE - 1, 12));
    }

    @Test
    void glareWhitensMostAtItsCentreAndNeverDarkens() {
        Image source = image(scene());
        Image glare = Reflections.glare(source, 0.75, 0.5, 0, 0.9);
        assertThat(glare.at(0, 18, 12)).isGreaterThan(220);
        for (int i = 0; i < source.values().length; i++) {
            assertThat(glare.values()[i] & 0xff).isGreaterThanOrEqualTo(source.values()[i] & 0xff);
        }
    }

    @Test
    void greyImagesCanBeChangedToo() {
        Augmentations all = Augmentations.parse(
                Arrays.stream(Augmentation.values()).map(Augmentation::word).toList());
        byte[] grey = Arrays.copyOf(scene(), PLANE);
        assertThat(all.apply(grey, 1, SIDE, SIDE, 1, 1, 1)).hasSize(PLANE).isNotEqualTo(grey);
    }

    private static double deviation(Image image) {
        double mean = Tones.mean(image, 0);
        double squares = 0;
        for (int i = 0; i < PLANE; i++) {
            squares += Math.pow((image.values()[i] & 0xff) - mean, 2);
        }
        return Math.sqrt(squares / PLANE);
    }
}
