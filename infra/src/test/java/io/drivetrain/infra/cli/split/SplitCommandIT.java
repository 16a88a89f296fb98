package io.drivetrain.infra.cli.split;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.drivetrain.infra.cli.Transfer;
import io.drivetrain.infra.cli.read.TopicFollower;
import io.drivetrain.infra.local.LocalStack;
import io.drivetrain.infra.local.Role;
import io.drivetrain.infra.local.StackListener;
import io.drivetrain.infra.local.StackSettings;
import io.drivetrain.ingest.synthesize.SyntheticScenes;
import io.drivetrain.schemas.AnnouncedSchema;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Splits;
import io.drivetrain.schemas.Topic;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import io.drivetrain.schemas.synthesize.StreamPlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was decided by a running job is found again, and the rules of today say the same. */
class SplitCommandIT {
    private static final Duration DEADLINE = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    @Test
    void samplesAndDrivesAreFoundAndExplainedByTheRulesThatDealtThem() throws Exception {
        StreamPlan plan = StreamPlan.first(5, 6, 6).withFramesPerDrive(6).withSize(160, 90);
        try (LocalStack stack = launch()) {
            DrivetrainConfig config = stack.config();
            Transfer.all(SyntheticScenes.source(plan, 1), () -> config, sent -> {});
            await(config, plan.records());
            theProducerHasAnnouncedItsSchema(config);

            SplitSearch search = new SplitSearch(
                    config, (topic, done, total) -> assertThat(done).isLessThanOrEqualTo(total));
            SplitSearch.Drives drives = search.drives();
            assertThat(drives.first()).hasSize(12);
            List<JsonNode> today = SplitRules.today(config, drives.first());
            int i = 0;
            for (Bound bound : drives.first()) {
                assertThat(today.get(i++).get("split").asText()).isEqualTo(Splits.label(bound.split()));
            }
            JsonNode document =
                    SplitStory.plan(config.split().plans(), TableSearch.plansInForce(config), drives, today);
            assertThat(document.get("inForce").get(2).asText())
                    .isEqualTo(config.split().plans().get(0).asText());
            assertThat(document.get("drivesDealtOtherwiseToday").asInt()).isZero();

            Bound any = drives.first().iterator().next();
            SplitSearch.Sample sample = search.sample(any.sampleId());
            assertThat(sample.admitted().driveId()).isEqualTo(any.driveId());
            SplitSearch.Drive drive = search.drive(any.driveId());
            assertThat(drive.admitted()).containsOnlyKeys(any.split());

            assertThat(TableSearch.sample(config, any.sampleId())).hasValueSatisfying(row -> {
                assertThat(row.split()).isEqualTo(any.split());
                assertThat(row.driveId()).isEqualTo(any.driveId());
                assertThat(row.capturedAt()).isEqualTo(any.capturedAt());
                assertThat(row.attributes()).isEqualTo(any.attributes());
            });

            assertThat(TableSearch.drive(config, any.driveId())).hasValueSatisfying(stored -> {
                assertThat(stored.admitted()).isEqualTo(drive.admitted());
                assertThat(stored.first().sampleId()).isEqualTo(drive.first().sampleId());
            });
            assertThat(TableSearch.drive(config, "no such drive")).isEmpty();

            String rejected = rejected(config);
            assertThat(search.sample(rejected).refused()).isNotEmpty();
            SplitSearch.Sample none = search.sample("no such sample");
            assertThat(none.admitted()).isNull();
            assertThat(none.refused()).isEmpty();
            assertThat(none.records()).isGreaterThanOrEqualTo(plan.records());
        }
    }

    private static void theProducerHasAnnouncedItsSchema(DrivetrainConfig config) {
        List<AnnouncedSchema> announced = new ArrayList<>();
        TopicFollower.readAll(config, List.of(Topic.SCHEMAS_ANNOUNCED), (topic, record) -> {
            try {
                announced.add(Wire.decode(record.value(), AnnouncedSchema.class));
            } catch (UndecodableRecordException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(announced)
                .singleElement()
                .satisfies(schema -> assertThat(schema.getName()).isEqualTo("io.drivetrain.schemas.LabeledSample"));
    }

    private static String rejected(DrivetrainConfig config) {
        List<String> ids = new ArrayList<>();
        TopicFollower.readAll(config, List.of(Topic.SAMPLES_REJECTED), (topic, record) -> {
            try {
                Optional.ofNullable(Wire.decode(record.value(), RejectedSample.class)
                                .getSampleId())
                        .ifPresent(ids::add);
            } catch (UndecodableRecordException e) {
                throw new AssertionError(e);
            }
        });
        return ids.get(0);
    }

    private LocalStack launch() throws Exception {
        StackSettings settings = new StackSettings(
                folder.resolve("stack"),
                Optional.empty(),
                Map.of("flink.checkpoint-interval", "PT1S", "flink.parallelism", "1"),
                Optional.empty(),
                Optional.empty(),
                0);
        LocalStack stack = LocalStack.launch(settings, EnumSet.of(Role.BROKER, Role.FLINK), StackListener.ofTrouble());
        stack.await(Role.BROKER);
        stack.await(Role.FLINK);
        return stack;
    }

    private static void await(DrivetrainConfig config, long count) throws InterruptedException {
        List<Topic> topics = Stream.concat(Stream.of(Split.values()).map(Topic::of), Stream.of(Topic.SAMPLES_REJECTED))
                .toList();
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            long[] seen = new long[1];
            TopicFollower.readAll(config, topics, (topic, record) -> seen[0]++);
            if (seen[0] >= count) {
                return;
            }
            assertThat(System.nanoTime()).as("%d of %d", seen[0], count).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
