package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.infra.cli.train.KnownModel;
import io.drivetrain.infra.cli.train.PastRun;
import io.drivetrain.infra.cli.train.TestReports;
import io.drivetrain.schemas.Bounds;
import io.drivetrain.schemas.Changes;
import io.drivetrain.schemas.ClassQuality;
import io.drivetrain.schemas.CollectionRequest;
import io.drivetrain.schemas.Decomposition;
import io.drivetrain.schemas.DoctorFinding;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.Estimate;
import io.drivetrain.schemas.LabelNoise;
import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.LearningCurve;
import io.drivetrain.schemas.LearningCurvePoint;
import io.drivetrain.schemas.MetricDecomposition;
import io.drivetrain.schemas.PowerLaw;
import io.drivetrain.schemas.Promotion;
import io.drivetrain.schemas.ShiftParts;
import io.drivetrain.schemas.ShiftSlice;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.SliceKind;
import io.drivetrain.schemas.SlicePriority;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitQuality;
import io.drivetrain.schemas.TrainingReport;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportViewTest {
    private static final Estimate GAIN = new Estimate(0.009, 0.005, 0.013);
    private static final int FIRST_SCREEN = 24;

    private static SliceAnalysis slice(String name, long trainDevErrors, long testDevErrors, SlicePriority priority) {
        return SliceAnalysis.newBuilder()
                .setSlice(name)
                .setKind(SliceKind.ATTRIBUTE)
                .setTrainSamples(30)
                .setTrainDevSamples(100)
                .setTrainDevDrives(12)
                .setTrainDevErrors(trainDevErrors)
                .setTestDevSamples(300)
                .setTestDevDrives(15)
                .setTestDevErrors(testDevErrors)
                .setTrainDevError(new Estimate(0.01, 0.0, 0.02))
                .setTestDevError(new Estimate(0.033, 0.02, 0.05))
                .setShareOfErrors(new Estimate(0.5, 0.3, 0.7))
                .setGain(GAIN)
                .setPriority(priority)
                .setContactSheet(priority == SlicePriority.HIGH ? "file:/sheets/night.png" : null)
                .build();
    }

    private static TrainingReport.Builder proposing() {
        return TestReports.report("lenet-0123456789ab", Map.of())
                .setNextSteps(List.of(
                        TestReports.step("collect", Map.of(), new Estimate(-0.05, -0.08, -0.02)),
                        TestReports.step("synthesise", Map.of("improve.augment", "night"), null),
                        TestReports.step("domain-adaptation", Map.of(), null)));
    }

    private static TrainingReport whole() {
        Decomposition loss = new Decomposition(
                new Estimate(0.7, 0.6, 0.8),
                new Estimate(0.0, null, null),
                new Estimate(0.1, 0.05, 0.15),
                new Estimate(0.2, 0.1, 0.3),
                new Estimate(0.4, null, null),
                new Estimate(0.0, -0.1, 0.1));
        return proposing()
                .setMetrics(List.of(
                        new MetricDecomposition("log-loss", Map.of("test-dev", new Estimate(0.7, 0.6, 0.8)), loss),
                        new MetricDecomposition(
                                "balanced-error", Map.of("test-dev", new Estimate(0.2, 0.1, 0.3)), null)))
                .setShiftParts(new ShiftParts(
                        "timeofday",
                        new Estimate(0.10, 0.05, 0.15),
                        new Estimate(0.05, 0.01, 0.09),
                        List.of(new ShiftSlice(
                                "night", 0.04, 0.6, new Estimate(0.11, 0.06, 0.16), new Estimate(0.04, null, null)))))
                .setSlices(List.of(
                        slice("timeofday=night", 1, 10, SlicePriority.HIGH),
                        slice("reflections", 3, 3, SlicePriority.MEDIUM),
                        slice("hard-to-see pedestrians", 1, 1, SlicePriority.LOW)))
                .setQuality(List.of(new SplitQuality(
                        Split.TEST_DEV,
                        new Estimate(0.08, 0.05, 0.11),
                        new Estimate(0.31, 0.25, 0.37),
                        new Estimate(0.7, 0.6, 0.8),
                        List.of(
                                new ClassQuality(
                                        "pedestrian",
                                        500L,
                                        40L,
                                        0.71,
                                        new Estimate(1.0, 0.99, 1.0),
                                        0.83,
                                        new Bounds(0.6, 0.8),
                                        new Bounds(0.755, 0.889),
                                        704L,
                                        41L),
                                new ClassQuality("no-pedestrian", 0L, 0L, null, null, null, null, null, 0L, 0L)))))
                .setLabelNoise(new LabelNoise(
                        new Estimate(0.03, 0.02, 0.04),
                        2000L,
                        80L,
                        5,
                        61L,
                        Map.of("pedestrian", 0.05, "no-pedestrian", 0.01),
                        new Estimate(0.06, 0.04, 0.08),
                        Map.of("pedestrian", new Bounds(0.03, 0.075))))
                .setLearningCurve(new LearningCurve(
                        List.of(
                                new LearningCurvePoint(250L, 10L, 0.0, new Estimate(0.09, 0.07, 0.11)),
                                new LearningCurvePoint(500L, 20L, 0.01, new Estimate(0.07, 0.05, 0.09)),
                                new LearningCurvePoint(1000L, 40L, 0.02, new Estimate(0.05, 0.04, 0.06))),
                        new PowerLaw(0.01, 1.2, 0.49),
                        new Estimate(0.037, 0.03, 0.045),
                        new Estimate(0.013, 0.006, 0.019),
                        "Twice the data would lower the train-dev error by 1.3 points (0.6 to 1.9)."))
                .setFindings(List.of(
                        new DoctorFinding(
                                "input-not-normalised", "input", 0.1, true, "The mean is 127.", "Normalise it."),
                        new DoctorFinding("labels-shuffled", "", 1.0, false, "", "")))
                .setChanges(TestReports.changes(
                        "lenet-before", "synthesise", Map.of("shift", new Estimate(-0.02, -0.03, -0.01))))
                .setPromotion(new Promotion(
                        false, "lenet-before", new Estimate(0.01, -0.01, 0.03), 0.4, "Night is significantly worse."))
                .build();
    }

    private static String text(List<String> lines) {
        return String.join("\n", lines);
    }

    @Test
    void theFirstScreenSaysWhatDominatesAndWhatToDoNext() {
        List<String> lines =
                ReportView.summary(TestTerminals.plain(80), proposing().build());
        assertThat(lines.get(0)).contains("Distribution shift dominates: +15.0 [11.0 … 19.0] of 21.0 % test error");
        assertThat(text(lines.subList(0, FIRST_SCREEN)))
                .contains("1. collect against distribution shift")
                .contains("predicted: distribution shift -5.0 [-8.0 … -2.0] percentage points")
                .contains("./drivetrain ingest PATH")
                .contains("2. synthesise");
        assertThat(text(lines))
                .contains("'./drivetrain train --next' runs the first")
                .contains("1 more with './drivetrain report --full'")
                .doesNotContain("domain-adaptation");
    }

    @Test
    void aFailedCheckAndAPromotionAreOnTheShortReportAndDetailsAreNot() {
        assertThat(text(ReportView.summary(TestTerminals.plain(80), whole())))
                .contains("1 of 2 checks failed")
                .contains("input-not-normalised (input)")
                .contains("→ Normalise it.")
                .contains("Challenger")
                .contains("Night is significantly worse.")
                .doesNotContain("labels-shuffled")
                .doesNotContain("Calibration")
                .doesNotContain("Error analysis");
    }

    @Test
    void theFullReportHoldsEverySectionWithIntervalsAndSampleSizes() {
        String text = text(ReportView.full(TestTerminals.plain(100), whole()));
        assertThat(text)
                .contains("domain-adaptation")
                .contains("log-loss (nats)")
                .containsPattern("avoidable bias +0\\.100 \\[0\\.050 … 0\\.150]")
                .contains("no decomposition: not enough data")
                .contains("Distribution shift by timeofday")
                .containsPattern("night +4 % +60 % +\\+11\\.0 \\[6\\.0 … 16\\.0] +\\+4\\.0 \\[no interval]")
                .containsPattern("sum +\\+10\\.0 \\[5\\.0 … 15\\.0] +\\+5\\.0 \\[1\\.0 … 9\\.0]")
                .containsPattern("test-dev +8\\.0 % \\[5\\.0 … 11\\.0] +0\\.310 \\[0\\.250 … 0\\.370]")
                .contains("pedestrian     71.0 [60.0 … 80.0]   100.0 [99.0 … 100.0] 83.0 [75.5 … 88.9]")
                .contains("500 samples of 40 drives; 704 of 41 drives taken for it")
                .containsPattern("no-pedestrian +none +none +none")
                .contains("Label noise 3.0 % [2.0 … 4.0]")
                .contains("contradict 6.0 % [4.0 … 8.0]")
                .contains("2,000 samples of 80 drives of train and train-dev, 5 folds, 61 suspects")
                .containsPattern("    pedestrian +5\\.0 % \\[3\\.0 … 7\\.5]")
                .containsPattern("    no-pedestrian +1\\.0 % \\[no interval]")
                .contains("Twice the data would lower the train-dev error by 1.3 points")
                .containsPattern("1,000 +40 +2\\.0 %  5\\.0 % \\[4\\.0 … 6\\.0]")
                .contains("labels-shuffled")
                .contains("Against lenet-before, trying synthesise")
                .contains("improve.augment: nothing → night")
                .containsPattern("distribution shift +-2\\.0 \\[-3\\.0 … -1\\.0]")
                .contains("McNemar p 0.40");
    }

    @Test
    void errorAnalysisIsTheFieldGuidesTable() {
        TrainingReport report = whole();
        List<String> lines = ErrorAnalysisTable.lines(TestTerminals.plain(80), report.getSlices(), report.getSplits());
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).matches("  timeofday=night +0\\.1 % +1\\.0 % .*high"))
                .anySatisfy(line -> assertThat(line).matches("  reflections +0\\.3 % +0\\.3 % .*medium"))
                .anySatisfy(line -> assertThat(line).matches("  hard-to-see pedestrians +0\\.1 % +0\\.1 % .*low"))
                .anySatisfy(line -> assertThat(line).contains("file:/sheets/night.png"));
    }

    @Test
    void theErrorsOfAClusterAreSharesOfTheSamplesTheyWereCountedAmong() {
        SliceAnalysis cluster = slice("cluster 1", 1, 10, SlicePriority.HIGH);
        cluster.setKind(SliceKind.CLUSTER);
        cluster.setTrainDevJudgedSamples(500L);
        cluster.setTestDevJudgedSamples(500L);
        List<String> lines = ErrorAnalysisTable.lines(TestTerminals.plain(80), List.of(cluster), whole().getSplits());
        assertThat(lines).anySatisfy(line -> assertThat(line).matches("  cluster 1 +0\\.2 % +2\\.0 % .*high"));
        assertThat(String.join(" ", lines)).contains("found on one half of the drives");
    }

    @Test
    void aGainThatIsACeilingIsShownAsTheMostThereIs() {
        CollectionRequest ceiling = new CollectionRequest(
                "id", "run", "m", "timeofday=night", Domain.SOURCE, 40, null, "Dark.", TestReports.START, GAIN);
        CollectionRequest measuring = new CollectionRequest(
                "id", "run", "m", "weather=foggy", Domain.TARGET, 4, null, "Few.", TestReports.START, null);
        assertThat(text(CollectionTable.lines(TestTerminals.plain(80), List.of(ceiling, measuring))))
                .contains("expected gain: not known, at most +0.9 [0.5 … 1.3] points of test-dev error")
                .contains("4 more drives of weather=foggy, to measure with")
                .contains("expected gain: none, they show");
    }

    @Test
    void aSliceWithTooFewDrivesHasNoGain() {
        List<String> lines = ErrorAnalysisTable.lines(
                TestTerminals.plain(80),
                List.of(slice("weather=foggy", 0, 1, SlicePriority.NOT_ENOUGH_DATA)),
                whole().getSplits());
        assertThat(lines.get(2)).contains("not enough data").doesNotContain("+0.9");
    }

    @Test
    void theLearningCurveFallsFromLeftToRightAndEndsInTheForecast() {
        List<String> lines = LearningCurvePlot.lines(TestTerminals.plain(80), whole().getLearningCurve());
        List<String> plot = lines.subList(1, 10);
        int measured = -1;
        int forecast = -1;
        for (String line : plot) {
            int x = line.indexOf('x');
            if (x >= 0) {
                assertThat(x).isGreaterThan(measured);
                measured = x;
            }
            forecast = Math.max(forecast, line.indexOf('o'));
        }
        assertThat(measured).isPositive();
        assertThat(forecast).isGreaterThan(measured);
    }

    @Test
    void oneSubsetIsNoCurveAndTheSentenceStands() {
        LearningCurve curve = new LearningCurve(
                List.of(new LearningCurvePoint(0L, 0L, 0.0, new Estimate(0.0, null, null))),
                null,
                null,
                null,
                "Not enough data.");
        assertThat(LearningCurvePlot.lines(TestTerminals.plain(80), curve))
                .hasSize(2)
                .last()
                .asString()
                .contains("Not enough data.");
    }

    @Test
    void withoutADecompositionTheReportSaysWhatIsMissing() {
        TrainingReport report = TestReports.report("m", Map.of())
                .setDecomposition(null)
                .setDominant(null)
                .setNotEnoughData(List.of("The split test is empty."))
                .build();
        assertThat(text(ReportView.summary(TestTerminals.plain(80), report)))
                .contains("Not enough data to tell where the error comes from")
                .contains("The split test is empty.");
    }

    @Test
    void whatTheVerdictBeginsWithIsNotSaidBeforeItToo() {
        TrainingReport report = proposing()
                .setVerdict("Distribution shift dominates: 15.0 points of the 21.0 % test error. Next: collect.")
                .build();
        assertThat(text(ReportView.summary(TestTerminals.plain(80), report))).containsOnlyOnce("dominates");
        report.setDominant(null);
        report.setVerdict("No positive term is distinguishable from zero; the largest is bias.");
        assertThat(text(ReportView.summary(TestTerminals.plain(80), report))).containsOnlyOnce("distinguishable");
    }

    @Test
    void aNegativeTermIsNamedAndNotDeniedWhereNoneDominates() {
        TrainingReport.Builder report = TestReports.report("m", Map.of()).setDominant(null);
        report.getDecomposition().setShift(new Estimate(-0.15, -0.19, -0.11));

        assertThat(text(ReportView.summary(
                        TestTerminals.plain(80),
                        report.setDistinguishable(List.of("shift")).build())))
                .contains("No positive term of the error is distinguishable from zero")
                .contains("Below zero: distribution shift, -15.0");
        assertThat(text(ReportView.summary(
                        TestTerminals.plain(80),
                        report.setDistinguishable(List.of()).build())))
                .contains("No term of the error is distinguishable from zero")
                .doesNotContain("Below zero");
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 90, 100})
    void noLineIsWiderThanTheTerminal(int width) {
        assertThat(ReportView.full(TestTerminals.plain(width), whole()))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(width));
    }

    @Test
    void aRunThatBroughtTheSameWeightsAgainIsNotComparedFigureByFigure() {
        TrainingReport.Builder again = TestReports.report("lenet-same", Map.of())
                .setChanges(Changes.newBuilder()
                        .setComparedWith("lenet-same")
                        .setStep("train-longer")
                        .setKeys(Map.of("training.max-epochs", "4 -> 8"))
                        .setDataChanged(false)
                        .setOutcome(Map.of("train", new Estimate(0.0, 0.0, 0.0)))
                        .build());
        assertThat(text(ReportView.summary(TestTerminals.plain(80), again.build())))
                .contains("training.max-epochs: 4 -> 8", "the same weights came out, and with them the same figures")
                .doesNotContain("+0.0 [0.0 … 0.0]");
    }

    @Test
    void colourChangesNoText() {
        Terminal coloured = TestTerminals.to(new ByteArrayOutputStream(), false, true, true, 80);
        Pattern colour = Pattern.compile("\u001b\\[[0-9;]+m");
        assertThat(colour.matcher(text(ReportView.full(coloured, whole()))).replaceAll(""))
                .isEqualTo(text(ReportView.full(TestTerminals.plain(80), whole())));
    }

    @Test
    void theHistoryShowsPredictionBesideOutcome() {
        TrainingReport before = TestReports.report("lenet-before", Map.of())
                .setNextSteps(List.of(TestReports.step(
                        "synthesise", Map.of("improve.augment", "night"), new Estimate(-0.03, -0.05, -0.01))))
                .build();
        List<String> lines = HistoryTable.lines(TestTerminals.plain(100), PastRun.of(List.of(before, whole())));
        assertThat(lines.get(0)).contains("lenet-0123456789ab").contains("challenger");
        assertThat(lines.get(1)).contains("synthesise: improve.augment nothing → night; against lenet-before");
        assertThat(lines.get(2))
                .contains("predicted -3.0 [-5.0 … -1.0]")
                .contains("outcome -2.0 [-3.0 … -1.0]")
                .contains("held");
        assertThat(lines.get(4)).contains("nothing to compare with");
    }

    @Test
    void whatANextStepChangesIsSaidBeforeItRuns() {
        assertThat(text(NextStepsView.announcement(
                        TestTerminals.plain(80),
                        TestReports.step("synthesise", Map.of("improve.augment", "night"), null),
                        "lenet-before",
                        Map.of("improve.augment", ""))))
                .contains("Next step of lenet-before: synthesise")
                .contains("improve.augment from nothing to night")
                .contains("predicts   nothing");
    }

    @Test
    void modelsSuspectsAndCollectionsHaveTheirFigures() {
        Terminal terminal = TestTerminals.plain(100);
        KnownModel model = KnownModel.of(List.of(TestReports.model("lenet-a", 1)), List.of(whole()), Optional.empty())
                .get(0);
        assertThat(text(ModelTable.details(terminal, model)))
                .contains("lenet-a")
                .contains("file:/models/lenet-a")
                .contains("training.network")
                .contains("test-dev none");
        assertThat(text(SuspectTable.lines(
                        terminal,
                        List.of(new LabelSuspect(
                                "drive/7",
                                "drive",
                                Split.TRAIN,
                                "run",
                                0.012,
                                "bus",
                                "truck",
                                0.97,
                                "bob",
                                "00",
                                TestReports.START)))))
                .containsPattern("drive/7 +train +0\\.012 bus +truck +0\\.97  bob");
        assertThat(text(CollectionTable.lines(
                        terminal,
                        List.of(new CollectionRequest(
                                "id",
                                "run",
                                "m",
                                "timeofday=night",
                                Domain.SOURCE,
                                40,
                                GAIN,
                                "Half of all errors.",
                                TestReports.START,
                                null)))))
                .contains("40 more drives of timeofday=night, to train on")
                .contains("+0.9 [0.5 … 1.3]")
                .contains("Half of all errors.");
    }
}
