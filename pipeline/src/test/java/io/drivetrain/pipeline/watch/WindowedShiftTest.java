package io.drivetrain.pipeline.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.AlertState;
import io.drivetrain.schemas.ShiftReport;
import io.drivetrain.schemas.ShiftVerdict;
import io.drivetrain.schemas.Split;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowedShiftTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final double DAY = 0.5;
    private static final double NIGHT = 0.15;

    private final WindowedShift windows =
            new WindowedShift(TestSamples.config(Map.of()).shift());

    @Test
    void dayAgainstDayIsStableAndNightRaisesExactlyOneAlert() {
        List<DriveMeans> day = Stream.concat(
                        drives("source", Split.TRAIN, 0, 40, DAY), drives("day", Split.TEST, 0, 30, DAY))
                .toList();
        WindowedShift.Step first = windows.next(WatchState.empty(), day, NOW);
        assertThat(verdicts(first))
                .containsExactly(
                        ShiftVerdict.NOT_ENOUGH_DATA,
                        ShiftVerdict.NOT_ENOUGH_DATA,
                        ShiftVerdict.STABLE,
                        ShiftVerdict.STABLE,
                        ShiftVerdict.STABLE,
                        ShiftVerdict.STABLE);
        assertThat(alerts(first)).isEmpty();

        WindowedShift.Step second = windows.next(
                first.state(), drives("night", Split.TEST_DEV, 100, 30, NIGHT).toList(), NOW);
        assertThat(alerts(second)).hasSize(1);
        Alert alert = alerts(second).get(0);
        assertThat(alert.getState()).isEqualTo(AlertState.RAISED);
        assertThat(alert.getFindings().get(0).getDrifted()).isTrue();
        assertThat(alert.getMessage()).contains("brightness").contains("40");
        assertThat(second.state().alarm()).isInstanceOf(ShiftAlarm.Raised.class);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void theOrderOfArrivalDoesNotMatter(long seed) {
        List<DriveMeans> drives = new ArrayList<>(Stream.of(
                        drives("source", Split.TRAIN, 0, 30, DAY),
                        drives("day", Split.TEST, 0, 20, DAY),
                        drives("night", Split.TEST_DEV, 50, 20, NIGHT))
                .flatMap(stream -> stream)
                .toList());
        WindowedShift.Step expected = windows.next(WatchState.empty(), drives, NOW);
        Collections.shuffle(drives, new Random(seed));
        WindowedShift.Step shuffled = windows.next(WatchState.empty(), drives, NOW);
        assertThat(shuffled.cuts()).isEqualTo(expected.cuts());
    }

    @Test
    void withoutEnoughReferenceThereIsNoVerdict() {
        List<DriveMeans> drives = Stream.concat(
                        drives("source", Split.TRAIN, 0, 19, DAY), drives("night", Split.TEST, 0, 40, NIGHT))
                .toList();
        assertThat(verdicts(windows.next(WatchState.empty(), drives, NOW)))
                .hasSize(8)
                .containsOnly(ShiftVerdict.NOT_ENOUGH_DATA);
    }

    @Test
    void lateFramesAreAddedToTheirDriveAndDoNotCountAsAnother() {
        DriveMeans early = drive("a", Split.TEST, 1000, 2, 0.2);
        DriveMeans late = drive("a", Split.TEST, 2000, 2, 0.4);
        WatchState state = windows.next(WatchState.empty(), List.of(early), NOW).state();
        state = windows.next(state, List.of(late), NOW).state();
        assertThat(state.sinceCut()).isEqualTo(1);
        assertThat(state.window()).hasSize(1);
        assertThat(state.window().get(0).frames()).isEqualTo(4);
        assertThat(state.window().get(0).mean(Measurement.BRIGHTNESS)).isEqualTo((0.2 * 2 + 0.4 * 2) / 4);
    }

    @Test
    void theReferenceStaysWithinItsCapacityWhateverTheOrder() {
        List<DriveMeans> many =
                new ArrayList<>(drives("source", Split.TRAIN, 0, 5100, DAY).toList());
        WatchState once = windows.next(WatchState.empty(), many, NOW).state();
        Collections.reverse(many);
        WatchState halves =
                windows.next(WatchState.empty(), many.subList(0, 2000), NOW).state();
        halves = windows.next(halves, many.subList(2000, 5100), NOW).state();
        assertThat(once.reference()).hasSize(WindowedShift.REFERENCE_CAPACITY);
        assertThat(ids(halves)).isEqualTo(ids(once));
    }

    @Test
    void trainDevIsNeitherReferenceNorWindow() {
        WatchState state = windows.next(
                        WatchState.empty(),
                        drives("x", Split.TRAIN_DEV, 0, 9, DAY).toList(),
                        NOW)
                .state();
        assertThat(state.reference()).isEmpty();
        assertThat(state.window()).isEmpty();
    }

    @Test
    void theStateSurvivesBeingWrittenAndRead() throws Exception {
        List<DriveMeans> drives = Stream.concat(
                        drives("source", Split.TRAIN, 0, 25, DAY), drives("night", Split.TEST, 0, 21, NIGHT))
                .toList();
        WatchState state = windows.next(WatchState.empty(), drives, NOW).state();
        assertThat(state.alarm()).isInstanceOf(ShiftAlarm.Raised.class);
        WatchState copy = copy(state, WatchState.Form.WATCH_STATE);
        assertThat(copy.alarm()).isEqualTo(state.alarm());
        assertThat(copy.sinceCut()).isEqualTo(1);
        List<DriveMeans> more = drives("later", Split.TEST, 500, 9, NIGHT).toList();
        assertThat(windows.next(copy, more, NOW).cuts())
                .isEqualTo(windows.next(state, more, NOW).cuts());
    }

    private static <T> T copy(T value, BinaryForm<T> form) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        form.write(value, new DataOutputStream(out));
        return form.read(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
    }

    private static List<ShiftVerdict> verdicts(WindowedShift.Step step) {
        return step.cuts().stream()
                .map(WindowedShift.Cut::report)
                .map(ShiftReport::getVerdict)
                .toList();
    }

    private static List<Alert> alerts(WindowedShift.Step step) {
        return step.cuts().stream().flatMap(cut -> cut.alert().stream()).toList();
    }

    private static List<String> ids(WatchState state) {
        return state.reference().stream().map(DriveMeans::driveId).toList();
    }

    /** Drives one minute apart whose brightness lies around a mean, the rest being the same everywhere. */
    private static Stream<DriveMeans> drives(String name, Split split, int firstMinute, int count, double brightness) {
        Random random = new Random(name.hashCode());
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    double[] sums =
                            random.doubles(Measurement.values().length, 0, 10).toArray();
                    sums[Measurement.BRIGHTNESS.ordinal()] = 10 * (brightness + random.nextGaussian() * 0.05);
                    long first = (firstMinute + i) * 60_000L;
                    return new DriveMeans("%s-%03d".formatted(name, i), split, 10, sums, first, first + 9000);
                })
                .toList()
                .stream();
    }

    private static DriveMeans drive(String id, Split split, long first, long frames, double brightness) {
        double[] sums = new double[Measurement.values().length];
        sums[Measurement.BRIGHTNESS.ordinal()] = brightness * frames;
        return new DriveMeans(id, split, frames, sums, first, first + 9000);
    }
}
