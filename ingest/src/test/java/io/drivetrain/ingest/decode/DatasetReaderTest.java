package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DatasetReaderTest {
    private static final int IMAGES = 1_800_000;

    private static EntryReader images(int count) {
        Entry.Labels labels = new Entry.Labels(Optional.empty(), Optional.empty(), Map.of(), Optional.empty());
        Entry.Recording recording = new Entry.Recording(
                Optional.empty(),
                OptionalInt.of(Integer.MAX_VALUE),
                Optional.empty(),
                OptionalLong.empty(),
                Optional.empty());
        return new EntryReader() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < count;
            }

            @Override
            public Entry next() {
                String name = Integer.toString(next++);
                return new Entry.Image("", "", name, List.of(name), labels, recording);
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }

    @Test
    void madeUpTimesAreNeverInTheFuture() {
        DatasetReader reader =
                new DatasetReader(images(IMAGES), DatasetOptions.of(Path.of("data"), DatasetFormat.FOLDER));
        Instant latest = Instant.EPOCH;
        while (reader.hasNext()) {
            Instant time =
                    ((Entry.Image) reader.next()).recording().capturedAt().orElseThrow();
            latest = time.isAfter(latest) ? time : latest;
        }
        assertThat(latest).isBefore("2026-01-01T00:00:00Z");
    }
}
