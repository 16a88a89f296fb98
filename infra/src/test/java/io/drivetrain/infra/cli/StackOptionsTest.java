package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.schemas.DrivetrainConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class StackOptionsTest {
    @Command
    private static final class Holder {
        @Mixin
        private StackOptions stack;
    }

    @TempDir
    private Path folder;

    private Path client;

    @BeforeEach
    void properties() throws Exception {
        client = Files.writeString(
                folder.resolve("client.properties"),
                "bootstrap.servers=kafka.example:9094\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n");
    }

    private StackOptions options(String... arguments) {
        Holder holder = new Holder();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--dir", folder.toString()));
        new CommandLine(holder).parseArgs(all.toArray(String[]::new));
        return holder.stack;
    }

    @Test
    void workOnTheTableReachesABrokerOverTlsAsOtherCommandsDo() throws Exception {
        StackOptions options = options("--kafka-properties", client.toString());
        DrivetrainConfig config = options.forTable();
        assertThat(config.kafka()).isEqualTo(options.require().kafka());
        assertThat(config.kafka().bootstrap()).isEqualTo("kafka.example:9094");
        assertThat(config.kafka().properties())
                .containsEntry("security.protocol", "SASL_SSL")
                .containsEntry("sasl.mechanism", "PLAIN")
                .doesNotContainKey("bootstrap.servers");
        assertThat(config.store().warehouse())
                .isEqualTo(folder.resolve("warehouse").toString());
    }

    @Test
    void aNamedBrokerAndAnOverrideComeBeforeTheFile() throws Exception {
        DrivetrainConfig config = options(
                        "--kafka-properties",
                        client.toString(),
                        "--bootstrap",
                        "other:9092",
                        "--set",
                        "kafka.properties.security.protocol=SSL")
                .forTable();
        assertThat(config.kafka().bootstrap()).isEqualTo("other:9092");
        assertThat(config.kafka().properties()).containsEntry("security.protocol", "SSL");
    }

    @Test
    void aFileOfPropertiesThatIsNotThereIsNamed() {
        StackOptions options =
                options("--kafka-properties", folder.resolve("none").toString());
        assertThatThrownBy(options::forTable)
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("none");
    }
}
