package io.drivetrain.infra.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.junit.jupiter.api.Test;

class LostTaskManagerIT {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @Test
    void aTaskManagerThatEndedIsReplacedAfterThreeLooks() throws Exception {
        Configuration settings = new Configuration();
        settings.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(8));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(8));
        settings.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(8));
        try (MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .withRandomPorts()
                .setNumTaskManagers(1)
                .build())) {
            cluster.start();
            LostTaskManager lost = new LostTaskManager();
            awaitConnected(cluster, 1);
            assertThat(FlinkProcess.replaceTaskManager(cluster, lost)).isFalse();

            cluster.terminateTaskManager(0).get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            awaitConnected(cluster, 0);
            assertThat(FlinkProcess.replaceTaskManager(cluster, lost)).isFalse();
            assertThat(FlinkProcess.replaceTaskManager(cluster, lost)).isFalse();
            assertThat(FlinkProcess.replaceTaskManager(cluster, lost)).isTrue();
            awaitConnected(cluster, 1);
        }
    }

    private static void awaitConnected(MiniCluster cluster, int taskManagers) throws Exception {
        Instant deadline = Instant.now().plus(DEADLINE);
        while (cluster.requestClusterOverview()
                        .get(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                        .getNumTaskManagersConnected()
                != taskManagers) {
            assertThat(Instant.now()).as("%d connected", taskManagers).isBefore(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
