package io.drivetrain.trainer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.BackendStatus;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.schedule.CronSchedule;
import io.drivetrain.trainer.schedule.FitLearner;
import io.drivetrain.trainer.schedule.Learner;
import io.drivetrain.trainer.schedule.TrainerException;
import io.drivetrain.trainer.schedule.TrainerService;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trainer as a process: {@code [--config FILE] [--set key=value]... [--parent-pid N]}.
 *
 * <p>Prints one line {@code READY {"pid":…,"directory":…,"backend":…,"threads":…}} on stdout when it serves, and logs to
 * stderr. Ends with 0 after SIGTERM or when the parent is gone, with 1 and one sentence when it cannot serve, with 2 and
 * one sentence for wrong usage.
 */
public final class Trainer {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final String USAGE = "usage: Trainer [--config FILE] [--set key=value]... [--parent-pid N]";

    private Trainer() {}

    public static void main(String[] arguments) {
        int code = run(arguments, System.getenv(), System.out, System.err);
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Serves until the process is told to end; returns an exit code. */
    static int run(String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        Optional<ProcessHandle> parent;
        DrivetrainConfig config;
        try {
            parent = parent(arguments);
            config = ConfigReader.fromArguments(arguments, environment);
            CronSchedule.parse(config.retraining().schedule(), ZoneId.systemDefault());
        } catch (ConfigException | IllegalArgumentException e) {
            err.println(e.getMessage());
            return WRONG_USAGE;
        }
        try {
            BackendStatus backend = NativeBackend.start(config.training().threads());
            Learner learner = new FitLearner(TrainerService.CHANNELS, backend);
            Optional<String> objection = learner.objection(config);
            if (objection.isPresent()) {
                err.println(objection.get());
                return WRONG_USAGE;
            }
            TrainerService service =
                    TrainerService.start(config, learner, versions(backend), Clock.system(ZoneId.systemDefault()));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "stop"));
            parent.ifPresent(process -> {
                var unused = process.onExit().thenRun(() -> {
                    LoggerFactory.getLogger(Trainer.class).info("The parent process {} is gone", process.pid());
                    System.exit(0);
                });
            });
            out.println("READY "
                    + JsonNodeFactory.instance
                            .objectNode()
                            .put("pid", ProcessHandle.current().pid())
                            .put(
                                    "directory",
                                    Path.of(config.training().directory())
                                            .toAbsolutePath()
                                            .toString())
                            .put("backend", learner.backend())
                            .put("threads", learner.threads()));
            out.flush();
            service.end().get();
            return 0;
        } catch (BackendException | TrainerException e) {
            log().debug("Cannot serve", e);
            err.println(e.getMessage());
            return FAILED;
        } catch (ExecutionException e) {
            log().error("The trainer cannot go on", e.getCause());
            err.println(e.getCause().getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static Logger log() {
        return LoggerFactory.getLogger(Trainer.class);
    }

    /** A stop that was asked for is a success, which the virtual machine would report as 143. */
    private static void stop(TrainerService service) {
        boolean failed = service.end().isCompletedExceptionally();
        service.close();
        Runtime.getRuntime().halt(failed ? FAILED : 0);
    }

    private static Optional<ProcessHandle> parent(String[] arguments) {
        List<String> unknown = new ArrayList<>();
        Optional<ProcessHandle> parent = Optional.empty();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--config", "--set" -> i++;
                case "--parent-pid" -> parent = Optional.of(process(++i < arguments.length ? arguments[i] : ""));
                default -> unknown.add(arguments[i]);
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("Unknown argument '%s'; %s".formatted(unknown.get(0), USAGE));
        }
        return parent;
    }

    private static ProcessHandle process(String pid) {
        try {
            return ProcessHandle.of(Long.parseLong(pid))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "There is no process %s for --parent-pid; give the id of one that lives".formatted(pid)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--parent-pid '%s' is no process id; %s".formatted(pid, USAGE), e);
        }
    }

    private static Map<String, String> versions(BackendStatus backend) {
        Map<String, String> versions = new TreeMap<>();
        versions.put("drivetrain", ownVersion());
        versions.put("dl4j", backend.version());
        versions.put("backend", backend.backend());
        versions.put("oneDNN", Boolean.toString(backend.oneDnn()));
        versions.put("java", System.getProperty("java.version"));
        versions.put("os", System.getProperty("os.name"));
        versions.put("arch", System.getProperty("os.arch"));
        return versions;
    }

    private static String ownVersion() {
        Properties properties = new Properties();
        try (InputStream in = Trainer.class.getResourceAsStream("version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            log().warn("Cannot read the version of this build: {}", e.getMessage());
        }
        return properties.getProperty("version", "unknown");
    }
}
