package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.Measurements;
import io.drivetrain.schemas.SliceAnalysis;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.TrainingReport;
import io.drivetrain.schemas.TrainingStage;
import io.drivetrain.trainer.assemble.PixelShape;
import io.drivetrain.trainer.assemble.SplitView;
import io.drivetrain.trainer.grade.slice.CollectionPlan;
import io.drivetrain.trainer.grade.slice.ErrorAnalysis;
import io.drivetrain.trainer.grade.slice.GradedSplit;
import io.drivetrain.trainer.grade.slice.SliceFinding;
import io.drivetrain.trainer.grade.slice.SliceSettings;
import io.drivetrain.trainer.publish.ContactSheets;
import io.drivetrain.trainer.publish.Outgoing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Error analysis by slices, the parts of the shift term, contact sheets, and what to collect. */
final class SlicesPart implements ReportPart {
    private static final Logger LOG = LoggerFactory.getLogger(SlicesPart.class);
    private static final int WORST = 24;
    private static final String LOOKING = "Looking for slices that hold the errors";

    /** Fewer resamples cannot tell small p-values apart. */
    private static final int FEWEST_REPLICATES = 200;

    private static final List<String> MEASUREMENTS = Measurements.getClassSchema().getFields().stream()
            .map(Schema.Field::name)
            .toList();

    private final InstantSource clock;
    private final Path models;

    /**
     * @param models folder that the model's own will be in, for the addresses of contact sheets
     */
    SlicesPart(InstantSource clock, Path models) {
        this.clock = clock;
        this.models = models;
    }

    @Override
    public void add(GradedRun run, TrainingReport.Builder report) throws InterruptedException, IOException {
        if (run.request().reproduces().isPresent()
                || !run.probabilities().containsKey(Split.TRAIN_DEV)
                || !run.probabilities().containsKey(Split.TEST_DEV)) {
            return;
        }
        run.progress().tell(TrainingStage.ANALYSING, LOOKING);
        GradedSplit train = graded(run, Split.TRAIN);
        GradedSplit testDev = graded(run, Split.TEST_DEV);
        SliceSettings settings = new SliceSettings(
                Math.max(FEWEST_REPLICATES, run.config().training().bootstrapReplicates()),
                run.config().analysis().minSliceDrives(),
                run.config().training().seed());
        ErrorAnalysis.Result result = ErrorAnalysis.analyse(
                train,
                graded(run, Split.TRAIN_DEV),
                testDev,
                run.config().analysis().slices(),
                run.config().classes(),
                settings);
        report.setShiftParts(result.shiftParts().orElse(null));
        List<SliceAnalysis> slices = new ArrayList<>();
        for (SliceFinding finding : result.slices()) {
            if (slices.size() < run.config().analysis().contactSheets()) {
                sheet(run, finding, slices.size() + 1, testDev)
                        .ifPresent(name -> finding.analysis()
                                .setContactSheet(models.resolve(run.modelId())
                                        .resolve(name)
                                        .toAbsolutePath()
                                        .toUri()
                                        .toString()));
            }
            slices.add(finding.analysis());
        }
        report.setSlices(slices);
        CollectionPlan.of(
                        result.slices(),
                        result.shiftParts(),
                        train,
                        testDev,
                        Optional.ofNullable(report.getLearningCurve()),
                        1
                                - run.config().split().testFraction()
                                - run.config().split().adoptFraction(),
                        settings,
                        new CollectionPlan.Origin(run.request().runId(), run.modelId(), clock.instant()))
                .forEach(request ->
                        run.outgoing().add(Outgoing.of(Topic.COLLECTION_REQUESTS, request.getCollectionId(), request)));
    }

    private static GradedSplit graded(GradedRun run, Split split) throws InterruptedException {
        SplitView view = run.assembly().view(split);
        List<Map<String, String>> attributes = new ArrayList<>();
        double[][] measurements = new double[view.size()][MEASUREMENTS.size()];
        for (int i = 0; i < view.size(); i++) {
            attributes.add(view.attributes(i));
            for (int m = 0; m < measurements[i].length; m++) {
                measurements[i][m] = (Double) view.measurements(i).get(m);
            }
        }
        return new GradedSplit(
                view.labels(),
                run.probabilities().get(split),
                view.driveOf(),
                view.drives(),
                attributes,
                MEASUREMENTS,
                measurements,
                run.model()
                        .embeddings(view, run.progress().judging(TrainingStage.ANALYSING, LOOKING, view.size()))
                        .orElse(null));
    }

    /** Writes the sheet of a slice and returns its name; empty where this Java cannot draw, which is no reason to fail. */
    private static Optional<String> sheet(GradedRun run, SliceFinding finding, int number, GradedSplit testDev)
            throws IOException {
        SplitView view = run.assembly().view(Split.TEST_DEV);
        PixelShape shape = new PixelShape(view.channels(), view.height(), view.width());
        List<ContactSheets.Tile> tiles = new ArrayList<>();
        for (int sample : finding.worst(testDev, WORST)) {
            byte[] pixels = new byte[shape.bytes()];
            view.readPixels(sample, pixels, 0);
            int predicted = testDev.predicted(sample);
            tiles.add(new ContactSheets.Tile(
                    pixels,
                    shape,
                    view.labelName(sample),
                    run.config().classes().get(predicted),
                    testDev.probabilities()[sample][predicted],
                    view.drives().get(view.drive(sample)),
                    view.frame(sample)));
        }
        String name = "slice-%02d.png".formatted(number);
        try {
            ContactSheets.write(
                    run.folder().resolve(name),
                    finding.analysis().getSlice(),
                    List.of("%d errors in %d samples of %d drives on test-dev, priority %s"
                            .formatted(
                                    finding.analysis().getTestDevErrors(),
                                    finding.analysis().getTestDevSamples(),
                                    finding.analysis().getTestDevDrives(),
                                    finding.analysis().getPriority())),
                    tiles);
            return Optional.of(name);
        } catch (LinkageError | RuntimeException e) {
            // A Java without fonts throws errors of many kinds here.
            LOG.warn("No contact sheet of {}: {}", finding.analysis().getSlice(), e.toString());
            return Optional.empty();
        }
    }
}
