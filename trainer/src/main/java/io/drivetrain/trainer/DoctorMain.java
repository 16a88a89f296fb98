package io.drivetrain.trainer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.trainer.check.BackendException;
import io.drivetrain.trainer.check.NativeBackend;
import io.drivetrain.trainer.check.doctor.Examination;
import io.drivetrain.trainer.publish.RecordJson;
import io.drivetrain.trainer.schedule.DoctorVisit;
import io.drivetrain.trainer.schedule.FitLearner;
import io.drivetrain.trainer.schedule.Learner;
import io.drivetrain.trainer.schedule.TrainerException;
import io.drivetrain.trainer.schedule.TrainerService;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/**
 * The doctor as a process: {@code [--config FILE] [--set key=value]...}. It examines the configured network on the samples
 * that have come, trains nothing and publishes nothing.
 *
 * <p>Prints one document {@code {"findings":[{"check","subject","score","failed","evidence","advice"}…]}} on stdout, the
 * most probable cause first, and sentences on stderr. Ends with 0 if nothing is wrong, 3 if something is, 2 for wrong
 * usage, 1 with one sentence if nothing could be examined.
 */
public final class DoctorMain {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final int ILL = 3;
    private static final String USAGE = "usage: DoctorMain [--config FILE] [--set key=value]...";

    private DoctorMain() {}

    public static void main(String[] arguments) {
        // Whatever a library prints must not get into the document.
        PrintStream out = System.out;
        System.setOut(System.err);
        // Threads of Kafka and of the native code would keep the process for a while.
        System.exit(run(arguments, System.getenv(), out, System.err));
    }

    /** Examines once; returns an exit code. */
    static int run(String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
        DrivetrainConfig config;
        try {
            checkArguments(arguments);
            config = ConfigReader.fromArguments(arguments, environment);
        } catch (ConfigException | IllegalArgumentException e) {
            err.println(e.getMessage());
            return WRONG_USAGE;
        }
        try {
            Learner learner = new FitLearner(
                    TrainerService.CHANNELS,
                    NativeBackend.start(config.training().threads()));
            Optional<String> objection = learner.objection(config);
            if (objection.isPresent()) {
                err.println(objection.get());
                return WRONG_USAGE;
            }
            DoctorVisit.Outcome outcome = DoctorVisit.pay(config, learner, Clock.systemUTC(), err::println);
            if (outcome instanceof DoctorVisit.Outcome.NotExamined not) {
                err.println(not.reason());
                return FAILED;
            }
            Examination examination = ((DoctorVisit.Outcome.Examined) outcome).examination();
            examination.skipped().forEach(err::println);
            out.println(document(examination));
            out.flush();
            return examination.healthy() ? 0 : ILL;
        } catch (BackendException | TrainerException e) {
            err.println(e.getMessage());
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            err.println("Stopped before the examination was over");
            return FAILED;
        }
    }

    static ObjectNode document(Examination examination) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        ArrayNode findings = document.putArray("findings");
        examination.findings().forEach(finding -> findings.add(RecordJson.of(finding)));
        return document;
    }

    private static void checkArguments(String[] arguments) {
        for (int i = 0; i < arguments.length; i += 2) {
            if (!arguments[i].equals("--config") && !arguments[i].equals("--set")) {
                throw new IllegalArgumentException("Unknown argument '%s'; %s".formatted(arguments[i], USAGE));
            }
        }
    }
}
