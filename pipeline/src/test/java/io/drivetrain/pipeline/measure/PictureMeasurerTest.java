package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig.Quality;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureMeasurerTest {
    private static final Quality THRESHOLDS =
            ConfigReader.read(Optional.empty(), Map.of(), Map.of()).quality();

    private final PictureMeasurer measurer = new PictureMeasurer();

    @ParameterizedTest(name = "{0} x {1} pixels, up to level {2}, seed {3}")
    @CsvSource({
        "160,90,256,1",
        "160,90,8,2",
        "160,90,1,3",
        "1,1,256,4",
        "2,1,256,5",
        "28,28,256,6",
        "64,36,256,7",
        "319,200,30,8",
        "45,300,256,9",
        "64,64,3,10"
    })
    void theInnerLoopOfTheJobGivesTheNumbersOfTheReference(int width, int height, int levels, int seed) {
        Picture picture = noise(width, height, levels, seed);
        PictureMeasures measures = measurer.measure(picture, width, height);
        assertThat(measures.perceptualHash()).isEqualTo(PerceptualHash.of(picture.luma(), width, height));
        assertThat(measures.flat()).isEqualTo(PerceptualHash.flat(picture.luma(), width, height));
        ImageQuality reference = ImageQuality.of(picture);
        assertThat(measures.quality().dark()).isEqualTo(reference.dark(), within(1e-12));
        assertThat(measures.quality().light()).isEqualTo(reference.light(), within(1e-12));
        assertThat(measures.quality().blurry()).isEqualTo(reference.blurry(), within(1e-12));
        assertThat(measures.quality().lowInformation()).isEqualTo(reference.lowInformation(), within(1e-12));
        assertThat(measures.quality().oddAspect()).isEqualTo(reference.oddAspect());
    }

    @Test
    void theSameMeasurerTakesPicturesOfDifferentSizesInTurn() {
        Picture large = noise(200, 100, 256, 1);
        PictureMeasures first = measurer.measure(large, 200, 100);
        measurer.measure(noise(20, 10, 256, 2), 20, 10);
        assertThat(measurer.measure(large, 200, 100)).isEqualTo(first);
    }

    @Test
    void aspectIsThatOfTheImageAndNotOfTheReducedPicture() {
        assertThat(measurer.measure(noise(16, 16, 256, 1), 1280, 320).quality().oddAspect())
                .isEqualTo(0.25);
    }

    @Test
    void theThreeChannelsOfAGreyImageCountAsTheOneThatItHad() {
        byte[] grey = new byte[64 * 64];
        new Random(7).nextBytes(grey);
        byte[] channels = new byte[3 * grey.length];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = (byte) ((grey[i / 3] & 0xFF) / 16);
            grey[i / 3] = channels[i];
        }
        double one = ImageQuality.of(new Picture(64, 64, Picture.Mode.L, grey)).lowInformation();
        Picture three = new Picture(64, 64, Picture.Mode.BGR, channels);
        assertThat(measurer.measure(three, 64, 64, true).quality().lowInformation())
                .isEqualTo(one, within(1e-12));
        assertThat(measurer.measure(three, 64, 64, false).quality().lowInformation())
                .isGreaterThan(one + 0.1);
    }

    @Test
    void aPictureOfOneColourIsFlatAndSaysSo() {
        assertThat(measurer.measure(noise(160, 90, 1, 1), 160, 90).flat()).isTrue();
        assertThat(measurer.measure(noise(160, 90, 256, 1), 160, 90).flat()).isFalse();
    }

    @Test
    void aDarkPictureIsFlaggedUnlessItWasTakenAtNight() {
        ImageQuality quality = measurer.measure(noise(64, 64, 40, 1), 64, 64).quality();
        assertThat(quality.flags(THRESHOLDS, Map.of("timeofday", "daytime"))).contains(QualityFlag.DARK);
        assertThat(quality.flags(THRESHOLDS, Map.of())).contains(QualityFlag.DARK);
        assertThat(quality.flags(THRESHOLDS, Map.of("timeofday", "night"))).doesNotContain(QualityFlag.DARK);
    }

    @Test
    void flagsComeInTheirOrderWithNamesForRecords() {
        ImageQuality worst = new ImageQuality(0, 0, 0, 0, 0);
        assertThat(worst.flags(THRESHOLDS, Map.of()).stream().map(QualityFlag::label))
                .containsExactly("dark", "light", "blurry", "low-information", "odd-aspect");
        assertThat(new ImageQuality(1, 1, 1, 1, 1).flags(THRESHOLDS, Map.of())).isEmpty();
    }

    @Test
    void picturesWithoutColoursAreRefusedWithTheReason() {
        Picture grey = new Picture(2, 2, Picture.Mode.L, new byte[4]);
        assertThatThrownBy(() -> measurer.measure(grey, 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot measure a picture in L here; decode it to RGB or BGR");
    }

    private static Picture noise(int width, int height, int levels, int seed) {
        Random random = new Random(seed);
        byte[] samples = new byte[3 * width * height];
        for (int i = 0; i < samples.length; i++) {
            int neighbour = i >= 3 ? samples[i - 3] & 0xFF : 0;
            samples[i] = (byte) ((random.nextInt(levels) + 3 * Math.min(neighbour, levels)) / 4);
        }
        return new Picture(width, height, Picture.Mode.BGR, samples);
    }
}
