package io.drivetrain.infra.cli;

import io.drivetrain.infra.cli.show.HarmlessWriter;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.infra.local.StackException;
import io.drivetrain.ingest.collect.DatasetException;
import io.drivetrain.ingest.publish.BrokerFailure;
import io.drivetrain.schemas.ConfigException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code ./drivetrain COMMAND}: the entrance of people and scripts. */
@Command(
        name = "./drivetrain",
        mixinStandardHelpOptions = true,
        version = "Drivetrain 0.1.0-SNAPSHOT",
        description = "From labelled driving images on Kafka to an error decomposition.",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            StatusCommand.class,
            IngestCommand.class,
            WatchCommand.class,
            TrainCommand.class,
            ReportCommand.class,
            DoctorCommand.class,
            ModelsCommand.class,
            SuspectsCommand.class,
            CollectCommand.class,
            QualityCommand.class,
            AlertsCommand.class,
            SplitCommand.class,
            RejectedCommand.class,
            ReplayCommand.class,
            SnapshotsCommand.class,
            TopicsCommand.class,
            BenchCommand.class,
            ConfigCommand.class,
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but the verdict is negative.",
            "",
            "Examples:",
            "  ./drivetrain demo                the whole story in under four minutes",
            "  ./drivetrain up                  a stack that stays, until Ctrl-C",
            "  ./drivetrain train --help        what a command takes",
        })
public final class Main implements Runnable {
    /** Below this picocli refuses to lay out options beside their descriptions. */
    private static final int NARROWEST_HELP = 55;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Show the whole trace of an error.")
    private boolean verbose;

    public static void main(String[] args) {
        System.exit(run(args, new PrintWriter(System.out, true), new PrintWriter(System.err, true)));
    }

    /**
     * Runs one command.
     *
     * @return the exit code
     */
    static int run(String[] args, PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new Main());
        line.setOut(out);
        // Sentences quote what others have written: ids, paths, keys.
        line.setErr(new PrintWriter(new HarmlessWriter(err), true));
        line.setUsageHelpWidth(Math.max(NARROWEST_HELP, Terminal.detect().width()));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.registerConverter(Pattern.class, Main::regularExpression);
        line.setParameterExceptionHandler((failure, arguments) -> wrongUsage(failure));
        boolean trace = List.of(args).contains("--verbose");
        line.setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command, trace));
        return line.execute(args);
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static Pattern regularExpression(String text) {
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new TypeConversionException(
                    "'%s' is not a regular expression (%s)".formatted(text, e.getDescription()));
        }
    }

    private static int wrongUsage(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        // The parser speaks to programmers here and there.
        String sentence = failure.getMessage()
                .lines()
                .findFirst()
                .orElse("Wrong usage")
                .replaceFirst("^Error: ", "")
                .replace("option option", "option")
                .replaceFirst(" is not an? (int|long)$", " is not a whole number");
        List<String> suggestions = failure instanceof CommandLine.UnmatchedArgumentException unmatched
                ? suggestions(unmatched, command)
                : List.of();
        String hint = suggestions.isEmpty() ? "" : "; did you mean %s?".formatted(String.join(" or ", suggestions));
        command.getErr()
                .printf(
                        "%s%s; '%s --help' shows what is accepted%n",
                        sentence, hint, command.getCommandSpec().qualifiedName());
        return ExitCode.WRONG_USAGE.code();
    }

    private static List<String> suggestions(CommandLine.UnmatchedArgumentException failure, CommandLine command) {
        String given = failure.getUnmatched().get(0);
        return command.getSubcommands().keySet().stream()
                .filter(name -> sameLetters(name, given) || name.startsWith(given) || given.startsWith(name))
                .toList();
    }

    /** Typing errors swap letters, or leave out or double one. */
    private static boolean sameLetters(String name, String given) {
        return name.chars()
                .boxed()
                .collect(Collectors.toSet())
                .equals(given.chars().boxed().collect(Collectors.toSet()));
    }

    private static int failed(Exception failure, CommandLine command, boolean trace) {
        if (trace) {
            failure.printStackTrace(command.getErr());
        }
        if (failure instanceof InterruptedException) {
            command.getErr().println("Interrupted");
            return ExitCode.FAILED.code();
        }
        command.getErr().println(sentence(failure));
        if (failure instanceof CommandException known) {
            return known.exitCode().code();
        }
        return (failure instanceof ConfigException || failure instanceof DatasetException
                        ? ExitCode.WRONG_USAGE
                        : ExitCode.FAILED)
                .code();
    }

    /** Returns what a person can use; what was not foreseen is named as such. */
    private static String sentence(Exception failure) {
        if (failure instanceof CommandException
                || failure instanceof StackException
                || failure instanceof DatasetException
                || failure instanceof ConfigException) {
            return failure.getMessage();
        }
        Throwable cause = failure instanceof ExecutionException ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            return "The broker does not answer (%s); check that the stack is up with './drivetrain status', or the address given with --bootstrap"
                    .formatted(cause.getMessage());
        }
        if (cause instanceof FileSystemException file) {
            return "Cannot use %s (%s); check the path and its access rights"
                    .formatted(file.getFile(), file.getClass().getSimpleName());
        }
        if (cause instanceof KafkaException) {
            return "Cannot use Kafka as --bootstrap and --kafka-properties say: %s"
                    .formatted(BrokerFailure.of(cause).sentence());
        }
        String message = Optional.ofNullable(cause.getMessage())
                .orElse(cause.getClass().getSimpleName())
                .replaceAll("\\s*\\R\\s*", " ");
        return "Unexpected: %s; run it again with --verbose for the trace, and please report it".formatted(message);
    }
}
