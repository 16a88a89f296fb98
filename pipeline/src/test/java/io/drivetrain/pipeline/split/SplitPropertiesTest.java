package io.drivetrain.pipeline.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.pipeline.split.Assignment.Assigned;
import io.drivetrain.pipeline.split.Assignment.Embargoed;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for any sequence of plans and any drives. */
class SplitPropertiesTest {
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    private static final int DRIVES = 4000;
    private static final String TODAY =
            "salt=a train-dev-fraction=0.3 test-fraction=0.5 adopt-fraction=0.1 adopt-from=2026-02-01T00:00:00Z embargo=none";

    private record Change(String line, double trainDev, double test, double adopt, Instant from) {}

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void anySequenceOfFractionsMovesNoMoreDrivesThanItMustAndNoneFromEvaluationIntoTrain(long seed) {
        Random random = new Random(seed);
        List<DriveFacts> drives = drives(random, Duration.ofDays(60));
        List<String> history = new ArrayList<>();
        Instant adoptFrom = EPOCH.plus(Duration.ofDays(random.nextInt(60)));
        Change now = change(random, EPOCH);
        double largestSoFar = now.trainDev;
        SplitPolicy before = policy(history, now, adoptFrom);
        for (int step = 1; step <= 6; step++) {
            Instant takeover = EPOCH.plus(Duration.ofDays(9L * step));
            history.add("until=" + takeover + " salt=2026-11 embargo=none adopt-from=" + adoptFrom + " " + now.line);
            Change next = change(random, takeover);
            SplitPolicy after = policy(history, next, adoptFrom);
            Map<Split, Map<Split, Integer>> moves = new EnumMap<>(Split.class);
            int oldSource = 0;
            int raised = 0;
            for (DriveFacts drive : drives) {
                Split from = ((Assigned) before.assign(drive)).split();
                Split to = ((Assigned) after.assign(drive)).split();
                boolean old = drive.start().isBefore(takeover);
                if (from != to && old) {
                    moves.computeIfAbsent(from, key -> new EnumMap<>(Split.class))
                            .merge(to, 1, Integer::sum);
                }
                double position = after.assign(drive).facts().position();
                if (old && drive.domain() == Domain.SOURCE) {
                    oldSource++;
                    raised += from == Split.TRAIN && position < next.trainDev ? 1 : 0;
                } else if (!old && drive.domain() == Domain.SOURCE) {
                    assertThat(from != to)
                            .as("a new drive is dealt otherwise only between the old and the new threshold")
                            .isEqualTo(between(position, now.trainDev, next.trainDev));
                }
            }
            // The only move there is: as many drives from train to train-dev as the share was raised by.
            assertThat(moves.keySet()).isSubsetOf(Split.TRAIN);
            Map<Split, Integer> fromTrain = moves.getOrDefault(Split.TRAIN, Map.of());
            assertThat(fromTrain.keySet()).isSubsetOf(Split.TRAIN_DEV);
            assertThat(fromTrain.getOrDefault(Split.TRAIN_DEV, 0)).isEqualTo(raised);
            if (step == 1) {
                assertThat(raised / (double) oldSource)
                        .isCloseTo(Math.max(0, next.trainDev - largestSoFar), within(0.1));
            }
            largestSoFar = Math.max(largestSoFar, next.trainDev);
            before = after;
            now = next;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13, 14})
    void changedFractionsDealExactlyTheShareBetweenThemAnew(long seed) {
        Random random = new Random(seed);
        double old = random.nextDouble();
        double raised = old + (1 - old) * random.nextDouble();
        Change first = new Change("", old, 0.5, 0, EPOCH);
        Change second = new Change("", raised, 0.5, 0, EPOCH);
        SplitPolicy before = policy(List.of(), first, EPOCH);
        SplitPolicy after = policy(List.of(), second, EPOCH);
        int moved = 0;
        int all = 20_000;
        for (int i = 0; i < all; i++) {
            DriveFacts drive = new DriveFacts("d" + i, Domain.SOURCE, EPOCH, "");
            moved += ((Assigned) before.assign(drive)).split() == ((Assigned) after.assign(drive)).split() ? 0 : 1;
        }
        assertThat(moved / (double) all).isCloseTo(raised - old, within(0.015));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {21, 22})
    void theOrderInWhichDrivesAreDealtChangesNothing(long seed) {
        Random random = new Random(seed);
        List<DriveFacts> drives = drives(random, Duration.ofDays(3));
        Map<String, String> settings = Map.of("split.embargo", "PT30M", "split.embargo-block", "PT6H");
        Map<String, Assignment> inOrder = new HashMap<>();
        SplitPolicy policy = SplitPolicyTest.policy(settings);
        drives.forEach(drive -> inOrder.put(drive.driveId(), policy.assign(drive)));
        Collections.shuffle(drives, random);
        SplitPolicy another = SplitPolicyTest.policy(settings);
        assertThat(drives)
                .allSatisfy(drive -> assertThat(another.assign(drive)).isEqualTo(inOrder.get(drive.driveId())));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {31, 32, 33, 34, 35, 36})
    void noTwoDrivesWithinTheEmbargoAndAtOnePlaceStraddleTrainAndEvaluation(long seed) {
        Random random = new Random(seed);
        boolean all = seed % 2 == 0;
        long minutes = 10 + random.nextInt(60);
        double margin = 0.002 + random.nextDouble() * 0.008;
        Map<String, String> settings = new HashMap<>();
        settings.put("split.embargo", "PT" + minutes + "M");
        settings.put("split.embargo-block", "PT" + (2 * minutes + random.nextInt(600)) + "M");
        settings.put("split.embargo-scope", all ? "all" : "domain");
        settings.put("split.place-cell", Double.toString(0.05));
        settings.put("split.place-margin", Double.toString(margin));
        settings.put("split.train-dev-fraction", "0.4");
        settings.put("split.test-fraction", "0.3");
        settings.put("split.adopt-fraction", "0.4");
        settings.put("split.adopt-from", EPOCH.plus(Duration.ofHours(20)).toString());
        // Plans change within blocks; the last change is one of scheme, too.
        settings.put(
                "split.history",
                ("until=%s embargo=PT25M embargo-block=PT5H train-dev-fraction=0.6 salt=old embargo-scope=%s place-cell=0.05 place-margin=0.002 test-fraction=0.5 adopt-fraction=0 unknown-place=none,"
                                + "until=%s embargo=PT%dM embargo-block=%s embargo-scope=%s place-cell=0.05 place-margin=%s train-dev-fraction=0.2 salt=2026-11 test-fraction=0.5 adopt-fraction=0 unknown-place=none")
                        .formatted(
                                EPOCH.plus(Duration.ofMinutes(700)),
                                all ? "all" : "domain",
                                EPOCH.plus(Duration.ofMinutes(1500)),
                                minutes,
                                settings.get("split.embargo-block"),
                                all ? "all" : "domain",
                                Double.toString(margin)));
        SplitPolicy policy = SplitPolicyTest.policy(settings);
        List<DriveFacts> drives = drives(random, Duration.ofHours(48));
        List<Assignment> deals = drives.stream().map(policy::assign).toList();
        int neighbours = 0;
        int straddling = 0;
        for (int i = 0; i < drives.size(); i++) {
            for (int j = i + 1; j < drives.size(); j++) {
                DriveFacts a = drives.get(i);
                DriveFacts b = drives.get(j);
                // Before the first change the older plan's shorter embargo and default margin hold.
                boolean oldPlan = a.start().isBefore(EPOCH.plus(Duration.ofMinutes(700)))
                        && b.start().isBefore(EPOCH.plus(Duration.ofMinutes(700)));
                Duration embargo = Duration.ofMinutes(oldPlan ? 25 : minutes);
                if (!near(a, b, embargo, oldPlan ? 0.002 : margin) || !all && a.domain() != b.domain()) {
                    continue;
                }
                neighbours++;
                straddling += SplitPolicyTest.straddle(deals.get(i), deals.get(j)) ? 1 : 0;
            }
        }
        long embargoed = deals.stream().filter(Embargoed.class::isInstance).count();
        assertThat(neighbours).as("there are neighbours").isGreaterThan(300);
        assertThat(embargoed).as("something is left").isLessThan(drives.size() * 9L / 10);
        assertThat(straddling).isZero();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {41, 42, 43, 44, 45, 46})
    void drivesThatStayWhereSuccessiveConfigurationsBoundThemNeitherStraddleNorLeaveEvaluationInAReplay(long seed) {
        Random random = new Random(seed);
        String embargo =
                "embargo=PT30M embargo-block=PT5H embargo-scope=%s place-cell=0.05 place-margin=0.004 unknown-place=%s"
                        .formatted(seed % 2 == 0 ? "all" : "domain", seed % 3 == 0 ? "one-place" : "none");
        List<DriveFacts> drives = drives(random, Duration.ofHours(48));
        drives.sort(Comparator.comparing(DriveFacts::start));
        List<String> history = new ArrayList<>();
        List<Assignment> bound = new ArrayList<>();
        DrivetrainConfig.SplitSettings settings = null;
        int next = 0;
        for (int step = 1; step <= 6; step++) {
            Instant takeover = EPOCH.plus(Duration.ofMinutes(480L * step - (step == 6 ? 0 : random.nextInt(200))));
            // Once the salt changes; shares, adoption change each time.
            String plan = "salt=%s %s adopt-from=%s %s"
                    .formatted(
                            step < 4 ? "a" : "b",
                            change(random, EPOCH).line,
                            EPOCH.plus(Duration.ofHours(random.nextInt(48))),
                            embargo);
            DrivetrainConfig.SplitSettings before = settings;
            settings = settings(history, plan);
            if (before != null) {
                Instant last = drives.get(next - 1).start();
                assertThat(PlanRecord.of(before).objectionTo(settings, last, last))
                        .isEmpty();
            }
            SplitPolicy policy = SplitPolicy.of(settings);
            while (next < drives.size() && drives.get(next).start().isBefore(takeover)) {
                bound.add(policy.assign(drives.get(next++)));
            }
            history.add("until=" + takeover + " " + plan);
        }
        assertThat(next).isEqualTo(drives.size());
        int neighbours = 0;
        for (int i = 0; i < drives.size(); i++) {
            for (int j = i + 1; j < drives.size(); j++) {
                DriveFacts a = drives.get(i);
                DriveFacts b = drives.get(j);
                if (near(a, b, Duration.ofMinutes(30), 0.004) && (seed % 2 == 0 || a.domain() == b.domain())) {
                    neighbours++;
                    assertThat(SplitPolicyTest.straddle(bound.get(i), bound.get(j)))
                            .as("%s and %s", bound.get(i).reason(), bound.get(j).reason())
                            .isFalse();
                }
            }
        }
        assertThat(neighbours).as("there are neighbours").isGreaterThan(300);
        SplitPolicy replay = SplitPolicy.of(settings);
        for (int i = 0; i < drives.size(); i++) {
            assertNotFromEvaluation(bound.get(i), replay.assign(drives.get(i)));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {51, 52, 53, 54})
    void whatTheRecordOfPlansLetsTakeOverTakesNoDriveOutOfAnEvaluationSplit(long seed) {
        Random random = new Random(seed);
        List<DriveFacts> drives = drives(random, Duration.ofHours(48));
        Instant last = EPOCH.plus(Duration.ofHours(48));
        int allowed = 0;
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            DrivetrainConfig.SplitSettings before = careless(random);
            DrivetrainConfig.SplitSettings after = careless(random);
            var objection = PlanRecord.of(before).objectionTo(after, last, last);
            if (objection.isPresent()) {
                refused++;
                continue;
            }
            allowed++;
            SplitPolicy old = SplitPolicy.of(before);
            SplitPolicy replay = SplitPolicy.of(after);
            drives.forEach(drive -> assertNotFromEvaluation(old.assign(drive), replay.assign(drive)));
        }
        assertThat(allowed).as("of 150, with %d refused", refused).isBetween(10, 140);
    }

    /** Few values, so that some changes are harmless. */
    private static DrivetrainConfig.SplitSettings careless(Random random) {
        List<String> history = new ArrayList<>();
        int plans = random.nextInt(2);
        for (int i = 0; i < plans; i++) {
            history.add("until=%s %s"
                    .formatted(EPOCH.plus(Duration.ofHours(10 + 20L * i + random.nextInt(2))), any(random)));
        }
        return settings(history, any(random));
    }

    private static String any(Random random) {
        return "salt=a train-dev-fraction=%s test-fraction=0.3 adopt-fraction=%s adopt-from=%s %s"
                .formatted(
                        random.nextBoolean() ? 0.2 : 0.4,
                        random.nextBoolean() ? 0.0 : 0.3,
                        EPOCH.plus(Duration.ofHours(random.nextInt(3))),
                        random.nextInt(5) < 3
                                ? "embargo=none"
                                : "embargo=PT%dM embargo-block=PT5H embargo-scope=domain place-cell=0.05 place-margin=0.004 unknown-place=none"
                                        .formatted(20 + random.nextInt(2) * 10));
    }

    private static void assertNotFromEvaluation(Assignment before, Assignment after) {
        if (before instanceof Assigned old && after instanceof Assigned now && old.split() != Split.TRAIN) {
            assertThat(now.split())
                    .as("%s; now %s", before.reason(), after.reason())
                    .isEqualTo(old.split());
        }
    }

    private static DrivetrainConfig.SplitSettings settings(List<String> history, String plan) {
        Map<String, String> settings = new HashMap<>();
        settings.put("split.history", String.join(",", history));
        for (String part : plan.split(" ")) {
            String[] pair = part.split("=", 2);
            settings.put("split." + pair[0], pair[1].equals("none") && pair[0].equals("embargo") ? "" : pair[1]);
        }
        return TestSamples.config(settings).split();
    }

    @Test
    void anObjectionSaysTheLineThatSettlesIt() {
        DrivetrainConfig.SplitSettings before = settings(List.of(), TODAY);
        Instant last = EPOCH.plusSeconds(90);
        Instant now = EPOCH.plusSeconds(3600);
        for (String careless : List.of(
                TODAY.replace("salt=a", "salt=b"),
                TODAY.replace("train-dev-fraction=0.3", "train-dev-fraction=0.2"),
                TODAY.replace("test-fraction=0.5", "test-fraction=0.4"),
                TODAY.replace("adopt-from=2026-02-01T00:00:00Z", "adopt-from=2025-12-01T00:00:00Z"),
                TODAY.replace("embargo=none", "embargo=PT1H"))) {
            String objection = PlanRecord.of(before)
                    .objectionTo(settings(List.of(), careless), last, now)
                    .orElseThrow();
            assertThat(objection)
                    .contains("Add to split.history, as its last line, 'until=2026-01-01T01:01:00Z " + TODAY + "'");
            String line = objection.substring(objection.indexOf("until="), objection.lastIndexOf('\''));
            assertThat(PlanRecord.of(before).objectionTo(settings(List.of(line), careless), last, now))
                    .isEmpty();
        }
        assertThat(PlanRecord.of(before)
                        .objectionTo(
                                settings(List.of(), TODAY.replace("train-dev-fraction=0.3", "train-dev-fraction=0.4")),
                                last,
                                now))
                .as("more of train-dev is taken from train")
                .isEmpty();
    }

    @Test
    void anObjectionSaysAllLinesWhereOneOfThePastIsGone() {
        String past = "until=2026-01-01T00:00:30Z " + TODAY.replace("test-fraction=0.5", "test-fraction=0.1");
        PlanRecord before = PlanRecord.of(settings(List.of(past), TODAY));
        assertThat(PlanRecord.parse(before.asText())).isEqualTo(before);
        assertThat(before.objectionTo(settings(List.of(), TODAY), EPOCH.plusSeconds(90), EPOCH))
                .hasValueSatisfying(objection -> assertThat(objection)
                        .contains("Let split.history be these lines: '" + past + "', 'until=2026-01-01T00:02:00Z "
                                + TODAY));
    }

    @Test
    void anEmbargoMayBeShortenedAndItsPlacesMayNotBeNamedByOtherAttributes() {
        String embargo = TODAY.replace(
                "embargo=none",
                "embargo=PT1H embargo-block=P1D embargo-scope=domain place-cell=0.05 place-margin=0.002 unknown-place=none");
        PlanRecord before = PlanRecord.of(settings(List.of(), embargo));
        Instant last = EPOCH.plusSeconds(90);
        assertThat(before.objectionTo(settings(List.of(), embargo.replace("PT1H", "PT5M")), last, last))
                .isEmpty();
        assertThat(before.objectionTo(settings(List.of(), embargo + " place-attributes=road"), last, last))
                .hasValueSatisfying(
                        objection -> assertThat(objection).startsWith("split.place-attributes is [road], but"));
    }

    @Test
    void aRotationOfThePastStaysAndALaterOneMayBeAddedMovedOrTakenBack() {
        String past = EPOCH.plusSeconds(30).toString();
        String later = EPOCH.plusSeconds(7200).toString();
        Instant last = EPOCH.plusSeconds(90);
        Instant now = EPOCH.plusSeconds(3600);
        PlanRecord before = PlanRecord.of(rotating(past + "," + later));
        assertThat(PlanRecord.parse(before.asText())).isEqualTo(before);
        for (String harmless : List.of(past + "," + later, past, past + "," + EPOCH.plusSeconds(91))) {
            assertThat(before.objectionTo(rotating(harmless), last, now))
                    .as(harmless)
                    .isEmpty();
        }
        for (String careless : List.of("", later, EPOCH.plusSeconds(31) + "," + later, past + "," + last)) {
            String objection = before.objectionTo(rotating(careless), last, now).orElseThrow();
            assertThat(objection)
                    .as(careless)
                    .startsWith("split.rotate-test-dev-at is '" + careless + "'")
                    .contains("a new rotation can be at 2026-01-01T01:01:00Z or later");
            String set = objection.substring(
                    objection.indexOf("Set it to '") + "Set it to '".length(), objection.lastIndexOf('\''));
            assertThat(before.objectionTo(rotating(set), last, now)).as(set).isEmpty();
        }
    }

    @Test
    void aRecordOfAReleaseThatDidNotWriteRotationsDownTakesAny() {
        String older = PlanRecord.of(rotating("")).asText().replace("rotate-test-dev-at=\n", "");
        PlanRecord before = PlanRecord.parse(older);
        assertThat(before.rotations()).isEmpty();
        assertThat(before.asText()).isEqualTo(older);
        assertThat(before.objectionTo(rotating(EPOCH.toString()), EPOCH.plusSeconds(90), EPOCH))
                .isEmpty();
    }

    private static DrivetrainConfig.SplitSettings rotating(String times) {
        return TestSamples.config(Map.of("split.rotate-test-dev-at", times)).split();
    }

    private static boolean near(DriveFacts a, DriveFacts b, Duration embargo, double margin) {
        if (Duration.between(a.start(), b.start()).abs().compareTo(embargo) > 0) {
            return false;
        }
        if (!a.place().startsWith("geo:") || !b.place().startsWith("geo:")) {
            return !a.place().isEmpty() && a.place().equals(b.place());
        }
        Places.Coordinates p = Places.coordinates(a.place()).orElseThrow();
        Places.Coordinates q = Places.coordinates(b.place()).orElseThrow();
        double east = Math.abs(p.longitude() - q.longitude());
        return Math.abs(p.latitude() - q.latitude()) <= margin && Math.min(east, 360 - east) <= margin;
    }

    /** Drives of both domains; a third at named places, a third around the date line, some without a place. */
    private static List<DriveFacts> drives(Random random, Duration range) {
        List<DriveFacts> drives = new ArrayList<>();
        for (int i = 0; i < DRIVES; i++) {
            double longitude = 180 - random.nextDouble() * 0.2;
            String place = switch (random.nextInt(7)) {
                case 0, 1 -> "place=" + random.nextInt(5);
                case 2 -> "";
                default ->
                    String.format(
                            Locale.ROOT,
                            "geo:%.5f,%.5f",
                            -0.1 + random.nextDouble() * 0.2,
                            random.nextBoolean() ? longitude : -longitude);
            };
            drives.add(new DriveFacts(
                    "drive-" + i,
                    random.nextBoolean() ? Domain.SOURCE : Domain.TARGET,
                    EPOCH.plusSeconds(random.nextInt((int) range.toSeconds())),
                    place));
        }
        return drives;
    }

    private static Change change(Random random, Instant from) {
        double trainDev = Math.round(random.nextDouble() * 100) / 100.0;
        double test = Math.round(random.nextDouble() * 60) / 100.0;
        double adopt = Math.round(random.nextDouble() * 40) / 100.0;
        return new Change(
                "train-dev-fraction=%s test-fraction=%s adopt-fraction=%s".formatted(trainDev, test, adopt),
                trainDev,
                test,
                adopt,
                from);
    }

    private static SplitPolicy policy(List<String> history, Change now, Instant adoptFrom) {
        return SplitPolicyTest.policy(Map.of(
                "split.history", String.join(",", history),
                "split.train-dev-fraction", Double.toString(now.trainDev),
                "split.test-fraction", Double.toString(now.test),
                "split.adopt-fraction", Double.toString(now.adopt),
                "split.adopt-from", adoptFrom.toString()));
    }

    private static boolean between(double position, double a, double b) {
        return position >= Math.min(a, b) && position < Math.max(a, b);
    }
}
