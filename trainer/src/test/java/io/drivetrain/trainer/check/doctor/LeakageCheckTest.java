package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.DoctorFinding;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures of train that come again in test as somebody's tool left them. */
class LeakageCheckTest {
    private static final int SIDE = 24;
    private static final int FRAMES = 8;
    private static final Signs TRAIN = streets(320, 1);
    private static final Signs TEST = streets(160, 2);

    static Stream<Arguments> tools() {
        Random noise = new Random(4);
        return Stream.of(
                Arguments.of("blurs", tool((level, y, x) -> {
                    double sum = 0;
                    for (int i = 0; i < 9; i++) {
                        sum += level.at(y + i / 3 - 1, x + i % 3 - 1);
                    }
                    return sum / 9;
                })),
                Arguments.of("keeps no colour", (UnaryOperator<Signs>) signs ->
                        signs.withPixels((levels, i, c, y, x) -> 0.3 * levels[signs.at(0, y, x)]
                                + 0.59 * levels[signs.at(1, y, x)]
                                + 0.11 * levels[signs.at(2, y, x)])),
                Arguments.of(
                        "crops to 90 %",
                        tool((level, y, x) ->
                                level.at((int) Math.round(1.2 + 0.9 * y), (int) Math.round(1.2 + 0.9 * x)))),
                Arguments.of("halves the resolution", tool((level, y, x) -> level.at(y / 2 * 2, x / 2 * 2))),
                Arguments.of("adds noise", tool((level, y, x) -> level.at(y, x) + 20 * noise.nextGaussian())),
                Arguments.of(
                        "blurs and mirrors",
                        tool((level, y, x) -> (level.at(y, SIDE - 1 - x)
                                        + level.at(y, SIDE - 2 - x)
                                        + level.at(y + 1, SIDE - 1 - x)
                                        + level.at(y + 1, SIDE - 2 - x))
                                / 4.0)));
    }

    @ParameterizedTest(name = "that {0}")
    @MethodSource("tools")
    void copiesOfAToolAreFound(String does, UnaryOperator<Signs> tool) throws InterruptedException {
        int[] drives = TEST.drives().clone();
        for (int i = 60; i < 84; i++) {
            drives[i] = 1000 + i / 2;
        }
        Signs test = TEST.withSome(tool.apply(TRAIN), 40, 24, 60).withDrives(drives);
        assertThat(failed(TRAIN, test)).extracting(DoctorFinding::getCheck).containsExactly("split-leakage");
    }

    @Test
    void framesThatAreDealtAtRandomUnderNewDrivesAreFound() throws InterruptedException {
        Signs all = streets(480, 3);
        assertThat(failed(some(all, i -> i % 3 != 0), some(all, i -> i % 3 == 0)))
                .extracting(DoctorFinding::getCheck)
                .containsExactly("split-leakage");
    }

    @Test
    void oneDriveThroughAStreetOfTrainIsNoLeak() throws InterruptedException {
        Random random = new Random(6);
        Signs again = TRAIN.withPixels((levels, i, c, y, x) ->
                levels[TRAIN.at(c, y, x)] * 0.8 + 25 * random.nextGaussian() + 20 * Math.sin(x / 3.0 + i));
        assertThat(failed(TRAIN, TEST.withSome(again, 40, FRAMES, 40))).isEmpty();
    }

    @Test
    void picturesWithTwoLabelsAreNamed() throws InterruptedException {
        byte[][] pixels = TRAIN.pixels().clone();
        int[] labels = TRAIN.labels().clone();
        for (int i = 0; i < 10; i++) {
            pixels[200 + i] = pixels[i];
            labels[200 + i] = 1 - labels[i];
        }
        Signs twice = new Signs(pixels, labels, TRAIN.drives(), new float[0][], 3, SIDE, SIDE);
        assertThat(failed(twice, TEST)).singleElement().satisfies(finding -> {
            assertThat(finding.getCheck()).isEqualTo("labels-contradict");
            assertThat(finding.getEvidence()).startsWith("10 of 320 samples of train have the pixels of another one");
        });
    }

    private static List<DoctorFinding> failed(Signs train, Signs test) throws InterruptedException {
        Findings findings = new Findings();
        LeakageCheck.examine(List.of(split("train", train), split("test", test)), Settings.standard(3), findings);
        return findings.examination().failed();
    }

    private static SplitSource split(String name, Signs signs) {
        return SplitSource.of(
                name,
                signs,
                index -> name + "/" + index,
                index -> name + "-drive-" + signs.drive(index),
                List.of("left", "right"),
                new ChannelStatistics(List.of(0.5, 0.5, 0.5), List.of(0.2, 0.2, 0.2)));
    }

    private static Signs some(Signs signs, IntPredicate which) {
        int[] at = IntStream.range(0, signs.size()).filter(which).toArray();
        return new Signs(
                IntStream.of(at).mapToObj(i -> signs.pixels()[i]).toArray(byte[][]::new),
                IntStream.of(at).map(signs::label).toArray(),
                IntStream.of(at).map(signs::drive).toArray(),
                new float[0][],
                3,
                SIDE,
                SIDE);
    }

    /** Level of a channel at a place, the nearest inside of the image. */
    interface Level {
        int at(int y, int x);
    }

    interface Tool {
        double of(Level level, int y, int x);
    }

    private static UnaryOperator<Signs> tool(Tool tool) {
        return signs -> signs.withPixels((levels, i, c, y, x) -> tool.of(
                (row, column) -> levels[
                        signs.at(c, Math.max(0, Math.min(SIDE - 1, row)), Math.max(0, Math.min(SIDE - 1, column)))],
                y,
                x));
    }

    /** Drives of a few frames past blocks of another place, brightness and colour in each. */
    private static Signs streets(int size, long seed) {
        Random random = new Random(seed);
        List<int[]> blocks = new ArrayList<>();
        byte[][] pixels = new byte[size][3 * SIDE * SIDE];
        int[] labels = new int[size];
        int[] drives = new int[size];
        for (int i = 0; i < size; i++) {
            drives[i] = i / FRAMES;
            labels[i] = random.nextInt(2);
            if (i % FRAMES == 0) {
                blocks.clear();
                for (int k = 0; k < 9; k++) {
                    blocks.add(random.ints(7, 0, SIDE).toArray());
                }
            }
            for (int at = 0; at < SIDE * SIDE; at++) {
                int y = at / SIDE;
                int x = at % SIDE;
                int[] colour = {80 + 4 * y, 90 + 3 * y, 120 + y};
                for (int[] block : blocks) {
                    int left = block[0] - i % FRAMES / 3;
                    if (x >= left && x < left + 3 + block[2] / 3 && y >= block[1] && y < block[1] + 3 + block[3] / 3) {
                        colour = new int[] {9 * block[4], 9 * block[5], 9 * block[6]};
                    }
                }
                for (int c = 0; c < 3; c++) {
                    double level = colour[c] + 5 * random.nextGaussian();
                    pixels[i][c * SIDE * SIDE + at] = (byte) Math.max(0, Math.min(255, Math.round(level)));
                }
            }
        }
        return new Signs(pixels, labels, drives, new float[0][], 3, SIDE, SIDE);
    }
}
