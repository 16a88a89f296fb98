package io.drivetrain.infra.local;

import io.drivetrain.schemas.ConfigReader;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.plugin.PluginUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/**
 * A Flink task manager, which looks for its job manager for as long as that takes.
 *
 * <p>Arguments: {@code --rpc-port N [--parent-pid N] [--config FILE] [--set key=value]...}. Prints {@code READY {json}} when
 * it begins to look for it.
 */
public final class TaskManagerProcess {
    private TaskManagerProcess() {}

    public static void main(String[] args) {
        ProcessMain.run("The task manager", args, arguments -> {
            Configuration settings = ClusterSettings.taskManager(
                    ConfigReader.fromArguments(args, System.getenv()), arguments.port("rpc-port"));
            System.out.printf("READY {\"pid\":%d}%n", ProcessHandle.current().pid());
            int code =
                    TaskManagerRunner.runTaskManager(settings, PluginUtils.createPluginManagerFromRootFolder(settings));
            if (code != 0) {
                throw new StackException("The task manager ended with code %d; see the log above".formatted(code));
            }
        });
    }
}
