package io.drivetrain.pipeline;

import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.state.rocksdb.RocksDBConfigurableOptions;
import org.apache.flink.state.rocksdb.RocksDBOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.rocksdb.CompressionType;

/** How both jobs run: exactly-once checkpoints that outlive the job, and restarts that back off. */
public final class JobSettings {
    private static final int MAX_PARALLELISM = 128;

    private JobSettings() {}

    /**
     * Returns the settings of one job, which resumes from its newest complete checkpoint if there is one.
     *
     * @param jobName names the folder below flink.checkpoint-directory, so that jobs do not resume each other
     */
    public static Configuration configure(DrivetrainConfig config, String jobName) {
        Path checkpoints = directory(config, jobName);
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, config.flink().parallelism());
        settings.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        settings.set(PipelineOptions.NAME, jobName);
        settings.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, config.flink().checkpointInterval());
        settings.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        settings.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, Duration.ofMinutes(5));
        settings.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        settings.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        settings.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        // Nearly every id is asked for once, and is not there: without filters each level would be searched for it.
        settings.set(RocksDBConfigurableOptions.USE_BLOOM_FILTER, true);
        // In parts: filters of a large state are more than the cache holds, and a whole one was read for each question.
        settings.set(RocksDBOptions.USE_PARTITIONED_INDEX_FILTERS, true);
        // What was written last is merged soon and again: compressing it took most of RocksDB's own threads' time.
        settings.set(
                RocksDBConfigurableOptions.COMPRESSION_PER_LEVEL,
                List.of(
                        CompressionType.NO_COMPRESSION,
                        CompressionType.NO_COMPRESSION,
                        CompressionType.SNAPPY_COMPRESSION));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofSeconds(1));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofSeconds(30));
        Checkpoints.newest(checkpoints).ifPresent(checkpoint -> {
            settings.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint.toUri().toString());
            // Flink then deletes the old checkpoint once it is not needed, so that disk use stays bounded.
            settings.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
        });
        return settings;
    }

    /** Returns an environment with one job in it, {@linkplain #configure set up}, and not yet submitted. */
    static StreamExecutionEnvironment environment(
            DrivetrainConfig config, String jobName, BiConsumer<StreamExecutionEnvironment, DrivetrainConfig> job) {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configure(config, jobName));
        job.accept(environment, config);
        return environment;
    }

    /** How long state is remembered, from when it was first written: being asked for does not prolong it. */
    public static StateTtlConfig forgetAfter(Duration window) {
        return StateTtlConfig.newBuilder(window)
                .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
                .setStateVisibility(StateTtlConfig.StateVisibility.NeverReturnExpired)
                .build();
    }

    private static Path directory(DrivetrainConfig config, String jobName) {
        return Path.of(config.flink().checkpointDirectory())
                .toAbsolutePath()
                .normalize()
                .resolve(jobName);
    }
}
