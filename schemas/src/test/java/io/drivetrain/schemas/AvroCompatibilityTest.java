package io.drivetrain.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * FULL_TRANSITIVE compatibility: the schema of today reads what every release wrote, and every release reads what is
 * written today. A release commits its schemas with {@code -Ddrivetrain.release=VERSION} (see CONTRIBUTING.md).
 */
class AvroCompatibilityTest {
    private static final Path RELEASES = Path.of("src/test/resources/releases");

    private static Schema current(Topic topic) {
        Class<? extends SpecificRecordBase> type = topic.recordType();
        return SpecificData.getForClass(type).getSchema(type);
    }

    private static List<Path> released(Schema current) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> releases = Files.list(RELEASES)) {
            releases.map(release -> release.resolve(current.getName() + ".avsc"))
                    .filter(Files::exists)
                    .sorted()
                    .forEach(found::add);
        }
        return found;
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void recordsTravelBetweenThisVersionAndEveryRelease(Topic topic) throws IOException {
        Schema current = current(topic);
        String release = System.getProperty("drivetrain.release");
        if (release != null) {
            Path folder = Files.createDirectories(RELEASES.resolve(release));
            Files.writeString(folder.resolve(current.getName() + ".avsc"), current.toString(true) + "\n");
        }
        List<Path> releases = released(current);
        assertThat(releases)
                .as("committed schemas of %s; commit them with -Ddrivetrain.release=VERSION", current.getName())
                .isNotEmpty();
        for (Path file : releases) {
            Schema old = new Schema.Parser().parse(Files.readString(file));
            assertThat(compatibility(current, old))
                    .as("today reads %s", file)
                    .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
            assertThat(compatibility(old, current))
                    .as("%s reads today", file)
                    .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        }
    }

    @Test
    void aFieldWithoutDefaultWouldBeFound() {
        Schema old = new Schema.Parser().parse("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}");
        Schema broken = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"x\",\"type\":\"int\"}]}");
        assertThat(compatibility(broken, old)).isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }
}
