package io.drivetrain.infra.local;

import io.drivetrain.schemas.ConfigException;
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
        try {
            ProcessArguments arguments = ProcessArguments.of(args);
            ParentWatch.start(arguments.parentPid());
            Configuration settings = ClusterSettings.taskManager(
                    ConfigReader.fromArguments(args, System.getenv()), arguments.port("rpc-port"));
            System.out.printf("READY {\"pid\":%d}%n", ProcessHandle.current().pid());
            System.exit(TaskManagerRunner.runTaskManager(
                    settings, PluginUtils.createPluginManagerFromRootFolder(settings)));
        } catch (ConfigException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        } catch (Exception e) {
            System.err.println("The task manager cannot run: " + FlinkProcess.rootMessage(e));
            System.exit(1);
        }
    }
}
