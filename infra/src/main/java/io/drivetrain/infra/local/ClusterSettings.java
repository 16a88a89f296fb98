package io.drivetrain.infra.local;

import io.drivetrain.schemas.DrivetrainConfig;
import java.time.Duration;
import org.apache.flink.configuration.ClusterOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;

/** How a job manager and a task manager on loopback find each other, and notice soon that the other is gone. */
final class ClusterSettings {
    private static final String LOOPBACK = "127.0.0.1";

    private ClusterSettings() {}

    private static Configuration common(int rpcPort) {
        Configuration settings = new Configuration();
        settings.set(JobManagerOptions.ADDRESS, LOOPBACK);
        settings.set(JobManagerOptions.BIND_HOST, LOOPBACK);
        settings.set(JobManagerOptions.PORT, rpcPort);
        settings.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofSeconds(1));
        settings.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofSeconds(10));
        settings.set(ClusterOptions.ERROR_REGISTRATION_DELAY, Duration.ofSeconds(1));
        settings.set(ClusterOptions.REFUSED_REGISTRATION_DELAY, Duration.ofSeconds(1));
        return settings;
    }

    static Configuration jobManager(int restPort, int rpcPort) {
        Configuration settings = common(rpcPort);
        settings.set(RestOptions.ADDRESS, LOOPBACK);
        settings.set(RestOptions.BIND_ADDRESS, LOOPBACK);
        settings.set(RestOptions.PORT, restPort);
        settings.set(RestOptions.BIND_PORT, Integer.toString(restPort));
        return settings;
    }

    /** Flink's start scripts would spread the memory; without them each part is to be named. */
    static Configuration taskManager(DrivetrainConfig config, int rpcPort) {
        Configuration settings = common(rpcPort);
        settings.set(TaskManagerOptions.HOST, LOOPBACK);
        settings.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
        settings.set(TaskManagerOptions.NUM_TASK_SLOTS, config.flink().parallelism() + 1);
        settings.set(TaskManagerOptions.CPU_CORES, (double) config.flink().parallelism());
        settings.set(TaskManagerOptions.FRAMEWORK_HEAP_MEMORY, MemorySize.ofMebiBytes(128));
        settings.set(TaskManagerOptions.TASK_HEAP_MEMORY, MemorySize.ofMebiBytes(512));
        settings.set(TaskManagerOptions.FRAMEWORK_OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(128));
        settings.set(TaskManagerOptions.TASK_OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(192));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(192));
        settings.set(TaskManagerOptions.JVM_METASPACE, MemorySize.ofMebiBytes(256));
        settings.set(TaskManagerOptions.JVM_OVERHEAD_MIN, MemorySize.ofMebiBytes(192));
        settings.set(TaskManagerOptions.JVM_OVERHEAD_MAX, MemorySize.ofMebiBytes(192));
        return settings;
    }
}
