package io.drivetrain.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.infra.local.Installation;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as people type them, on a table of three snapshots, without a broker. */
class SnapshotsCommandIT {
    @TempDir
    private Path folder;

    private final List<String> ids = new ArrayList<>();

    private record Said(int exitCode, String out, String err) {
        JsonNode json() throws Exception {
            assertThat(exitCode).as(err).isZero();
            return new ObjectMapper().readTree(out);
        }

        String sentence() {
            assertThat(err.strip().lines()).as(err).hasSize(1);
            return err;
        }
    }

    /** A process of the pipeline's own tests writes the table, as this module does not know how. */
    @BeforeEach
    void table() throws Exception {
        Installation installation = Installation.find();
        Path said = folder.resolve("ids.txt");
        Process writer = new ProcessBuilder(
                        Installation.java().toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        installation.root().resolve("pipeline/target/test-classes")
                                + File.pathSeparator
                                + installation.classPath("pipeline"),
                        "io.drivetrain.pipeline.store.StoredTable",
                        folder.toString(),
                        "20",
                        "40",
                        "60")
                .redirectOutput(said.toFile())
                .redirectError(folder.resolve("writer.log").toFile())
                .start();
        try {
            assertThat(writer.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            writer.destroyForcibly();
        }
        assertThat(writer.exitValue())
                .as(Files.readString(folder.resolve("writer.log")))
                .isZero();
        Files.readAllLines(said, StandardCharsets.UTF_8).stream()
                .filter(line -> line.matches("\\d+"))
                .forEach(ids::add);
        assertThat(ids).hasSize(3);
    }

    private Said snapshots(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("snapshots"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--dir", folder.toString()));
        int code = Main.run(all.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
        return new Said(code, out.toString(), err.toString());
    }

    @Test
    void aTableIsListedTaggedComparedExportedAndExpired() throws Exception {
        JsonNode tagged = snapshots("tag", "release-1", "--snapshot", ids.get(0), "--json")
                .json();
        assertThat(tagged.path("action").asText()).isEqualTo("created");
        JsonNode listed = snapshots("list", "--json").json();
        assertThat(listed.path("snapshots").findValuesAsText("id")).isEqualTo(ids);
        assertThat(listed.path("snapshots").get(0).path("tags").toString()).isEqualTo("[\"release-1\"]");

        Said refused = snapshots("tag", "release-1", "--snapshot", ids.get(1));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.sentence()).contains("--move");

        JsonNode diff = snapshots("diff", "release-1", "latest", "--json").json();
        assertThat(diff.path("samples").path("came").asLong()).isEqualTo(40);
        assertThat(diff.path("slices").findValuesAsText("value")).contains("flag=dark", "clear");
        Said nobody = snapshots("diff", "release-1", "release-9", "--json");
        assertThat(nobody.exitCode()).isEqualTo(2);
        assertThat(nobody.out()).isEmpty();
        assertThat(nobody.sentence()).contains("release-9", "release-1");

        Path target = folder.resolve("exported");
        JsonNode exported = snapshots("export", "release-1", "--to", target.toString(), "--images", "--json")
                .json();
        assertThat(exported.path("rows").asLong()).isEqualTo(20);
        try (Stream<Path> files = Files.walk(target.resolve("images"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".jpg"))).hasSize(20);
        }

        Said unknown = snapshots("expire", "--older-than", "0s", "--keep", "1");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.sentence()).contains("--without-pins", "--bootstrap");
        Said hasty = snapshots("expire", "--without-pins", "--orphans", "--orphans-older-than", "0s");
        assertThat(hasty.exitCode()).isEqualTo(2);
        assertThat(hasty.sentence()).contains("--force", "3d");
        assertThat(snapshots("list", "--json").json().path("snapshots")).hasSize(3);

        JsonNode expired = snapshots("expire", "--without-pins", "--older-than", "0s", "--keep", "1", "--json")
                .json();
        assertThat(expired.path("expired").findValuesAsText("id")).containsExactly(ids.get(1));
        assertThat(snapshots("list", "--json").json().path("snapshots").findValuesAsText("id"))
                .containsExactly(ids.get(0), ids.get(2));
    }
}
