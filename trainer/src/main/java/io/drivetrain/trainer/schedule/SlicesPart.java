package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.CuratedSample;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
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
        if (!run.probabilities().containsKey(Split.TRAIN_DEV)
                || !run.probabilities().containsKey(Split.TEST_DEV)) {
            return;
        }
        run.progress().tell(TrainingStage.ANALYSING, LOOKING);
        GradedSplit trainDev = graded(run, Split.TRAIN_DEV, name -> true);
        GradedSplit testDev = graded(run, Split.TEST_DEV, name -> true);
        Set<String> analysed = Set.copyOf(ErrorAnalysis.attributes(
                trainDev, testDev, run.config().analysis().slices()));
        // Of train only what is counted is kept: it may have a million samples, each with a note of its own.
        GradedSplit train = graded(run, Split.TRAIN, analysed::contains);
        SliceSettings settings = new SliceSettings(
                Math.max(FEWEST_REPLICATES, run.config().training().bootstrapReplicates()),
                run.config().analysis().minSliceDrives(),
                run.config().training().seed());
        ErrorAnalysis.Result result = ErrorAnalysis.analyse(
                train,
                trainDev,
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

    /** @param names of the attributes that are kept */
    private static GradedSplit graded(GradedRun run, Split split, Predicate<String> names) {
        SplitView view = run.assembly().view(split);
        List<Map<String, String>> attributes = new ArrayList<>();
        // Frames of a drive mostly have the same ones.
        Map<Map<String, String>, Map<String, String>> known = new HashMap<>();
        double[][] measurements = new double[view.size()][MEASUREMENTS.size()];
        for (int i = 0; i < view.size(); i++) {
            CuratedSample record = view.record(i);
            Map<String, String> kept = new TreeMap<>(record.getAttributes());
            kept.keySet().removeIf(names.negate());
            attributes.add(known.computeIfAbsent(kept, Map::copyOf));
            for (int m = 0; m < measurements[i].length; m++) {
                measurements[i][m] = (Double) record.getMeasurements().get(m);
            }
        }
        IntConsumer judged = run.progress().judging(TrainingStage.ANALYSING, LOOKING, view.size());
        return new GradedSplit(
                view.labels(),
                run.probabilities().get(split),
                view.driveOf(),
                view.drives(),
                attributes,
                MEASUREMENTS,
                measurements,
                run.model()
                        .embedder()
                        .map(embedder -> embeddings(embedder, view, judged))
                        .orElse(null));
    }

    private static GradedSplit.Embeddings embeddings(Learner.Embedder embedder, SplitView view, IntConsumer judged) {
        return samples -> {
            float[][] rows = embedder.of(view, samples);
            Arrays.stream(samples).max().ifPresent(last -> judged.accept(last + 1));
            return rows;
        };
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
