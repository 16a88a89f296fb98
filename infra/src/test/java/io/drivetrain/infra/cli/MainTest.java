package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

class MainTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private void assertOneSentence(String part) {
        assertThat(err.toString().strip().lines()).hasSize(1);
        assertThat(err.toString()).contains(part).doesNotContain("Exception").doesNotContain("\tat ");
    }

    @Test
    void anErrorQuotesControlCharactersAsWhatTheyAre() {
        assertThat(run("config", "--set", "training.\u001b[2Kx\u202e=1")).isEqualTo(2);
        assertThat(err.toString()).contains("training.\\u001b[2Kx\\u202e").doesNotContain("\u001b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dmeo | did you mean",
                "demo --smal | --smal",
                "demo --size big | write width x height",
                "demo --format folder | need --data",
                "demo --data x --format coco | accepted is folder",
                "demo --seed many | --seed",
                "ingest | --format synthetic",
                "ingest --format folder | needs the folder",
                "ingest --format mp4 x | --format",
                "up --broker-port http | 'http' is not a whole number",
                "up --broker-port 70000 | from 1 to 65535",
                "up --flink-port 0 | from 1 to 65535",
                "ingest photos --drive ( | is not a regular expression (Unclosed group)",
                "status --set nokey | Value for option '--set'",
                "config --set training.max-epochs=none | accepted is a whole number",
                "bench curation --images 1 | 100 or more",
                "quality --split dev | --split",
                "snapshots diff latest | B",
                "snapshots export latest | --to",
                "bench snapshots --rows 1 | 10 or more",
                "bench state --ids 1 | 1000 or more",
                "alerts --kind drift | is one of",
                "split | Missing required argument",
                "split --plan --drive d | mutually exclusive",
                "train --network resnet19 | training.network is 'resnet19'",
                "train --limit many | training.limit is 'many'",
                "train --classes car | two or more different names",
                "train --set training.threads=1 | cannot be changed for one training",
                "train --set training.netwrok=lenet | did you mean training.network",
                "train --network lenet --set training.network=dense | given twice",
                "train --next --network lenet | leave out training.network",
                "train --next --reproduce m | give one of them",
                "train --synthetic --classes car,bus | leave out --classes",
                "train --synthetic --next | leave out classes, training.data",
                "train --synthetic --set training.data=stream | given twice",
                "train --new-data | goes with --next",
                "train --withdraw r --next | --withdraw trains nothing",
                "train --step tuning | --step goes with --next",
                "report --history --full | without --full",
                "suspects --most 0 | 1 or more",
                "models show | MODEL",
            })
    void wrongUsageIsOneSentenceAndExitCode2(String arguments, String part) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertOneSentence(part);
    }

    @Test
    void aFolderThatIsNotThereIsOneSentenceAndExitCode2() {
        assertThat(run("demo", "--data", folder.resolve("none").toString(), "--format", "folder"))
                .isEqualTo(2);
        assertOneSentence("none");
    }

    @Test
    void aManifestWithoutAColumnIsOneSentenceAndExitCode2() throws Exception {
        Files.writeString(folder.resolve("manifest.csv"), "path,drive\na.jpg,d1\n");
        assertThat(run("demo", "--data", folder.toString(), "--format", "folder"))
                .isEqualTo(2);
        assertOneSentence("label");
    }

    @ParameterizedTest
    @ValueSource(strings = {"report", "doctor", "models", "models rollback", "suspects", "collect", "train --next"})
    void withoutAStackACommandSaysHowToStartOne(String command) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.addAll(List.of("--dir", folder.toString()));
        assertThat(run(arguments.toArray(String[]::new))).isEqualTo(1);
        assertOneSentence("./drivetrain up");
    }

    @Test
    void withoutAStackStatusIsOneJsonDocumentAndExitCode3() throws Exception {
        assertThat(run("status", "--json", "--dir", folder.toString())).isEqualTo(3);
        assertThat(new ObjectMapper().readTree(out.toString()).get("running").asBoolean())
                .isFalse();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aFolderThatNoDemoMadeIsNotEmptied() throws Exception {
        Files.writeString(folder.resolve("thesis.txt"), "years of work");
        assertThat(run("demo", "--small", "--dir", folder.toString())).isEqualTo(1);
        assertOneSentence("not touched");
        assertThat(folder.resolve("thesis.txt")).hasContent("years of work");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "up",
                "status",
                "ingest",
                "train",
                "report",
                "quality",
                "alerts",
                "topics",
                "bench",
                "config",
                "doctor",
                "models",
                "suspects",
                "collect"
            })
    void everyCommandHasHelpWithExamples(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString()).contains("Example");
    }

    /** The list of commands shows the first part of a description, and a terminal of 80 columns breaks longer examples. */
    @Test
    void everyCommandIsIntroducedByOneSentenceAndItsExamplesFitATerminal() {
        assertThat(commands(new CommandLine(new Main()))).hasSizeGreaterThan(30).allSatisfy(command -> {
            assertThat(command.description()[0]).endsWith(".");
            assertThat(command.footer()).allSatisfy(line -> {
                if (line.startsWith(" ")) {
                    assertThat(line).hasSizeLessThanOrEqualTo(80);
                }
            });
        });
    }

    private static List<UsageMessageSpec> commands(CommandLine line) {
        List<UsageMessageSpec> all =
                new ArrayList<>(List.of(line.getCommandSpec().usageMessage()));
        line.getSubcommands().values().forEach(command -> all.addAll(commands(command)));
        return all;
    }

    @Test
    void explainNamesEveryKeyWithItsMeaning() throws Exception {
        assertThat(run("config", "--explain", "--json")).isZero();
        assertThat(new ObjectMapper()
                        .readTree(out.toString())
                        .at("/training.seed/meaning")
                        .asText())
                .isNotEmpty();
    }
}
