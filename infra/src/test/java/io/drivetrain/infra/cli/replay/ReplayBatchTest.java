package io.drivetrain.infra.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Origin;
import io.drivetrain.schemas.RawHeader;
import io.drivetrain.schemas.RejectedSample;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayBatchTest {
    private static Rejection rejection(int valueBytes, RawHeader... headers) {
        return new Rejection(new RejectedSample(
                new Origin("samples.raw", 3, 17L, Instant.EPOCH),
                ByteBuffer.wrap("drive-1".getBytes(StandardCharsets.UTF_8)),
                ByteBuffer.allocate(valueBytes),
                List.of(headers),
                "drive-1/1",
                "drive-1",
                List.of(),
                Instant.EPOCH));
    }

    @Test
    void aBatchIsFullByItsBytesLongBeforeItIsByItsRecords() {
        ReplayBatch batch = new ReplayBatch();
        Rejection large = rejection(5 << 20);
        while (!batch.isFullFor(large)) {
            batch.add(large);
        }
        assertThat(batch.rejections()).hasSize(6);
        batch.clear();
        assertThat(batch.isFullFor(large)).isFalse();
    }

    @Test
    void aBatchOfSmallRecordsIsFullByTheirNumber() {
        ReplayBatch batch = new ReplayBatch();
        Rejection small = rejection(10);
        while (!batch.isFullFor(small)) {
            batch.add(small);
        }
        assertThat(batch.rejections()).hasSize(ReplayBatch.MOST_RECORDS);
    }

    @Test
    void aRecordThatIsLargerThanABatchGoesAlone() {
        ReplayBatch batch = new ReplayBatch();
        Rejection huge = rejection((int) ReplayBatch.MOST_BYTES + 1);
        assertThat(batch.isFullFor(huge)).isFalse();
        batch.add(huge);
        assertThat(batch.isFullFor(rejection(1))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 1_000, 100_000, 5_000_000})
    void theSizeIsWhatABrokerComparesOrALittleMore(int valueBytes) {
        Rejection rejection = rejection(
                valueBytes,
                new RawHeader("schema", ByteBuffer.wrap(new byte[30])),
                new RawHeader(Rejection.REPLAY_OF, ByteBuffer.wrap("samples.raw-0@9".getBytes(StandardCharsets.UTF_8))),
                new RawHeader("empty", null));
        Header[] headers = {
            new RecordHeader("schema", new byte[30]),
            new RecordHeader("empty", (byte[]) null),
            new RecordHeader(Rejection.REPLAY_OF, "samples.raw-0@9".getBytes(StandardCharsets.UTF_8))
        };
        int sent = MemoryRecords.withRecords(
                        Compression.NONE,
                        new SimpleRecord(
                                Instant.parse("2026-11-25T08:00:00Z").toEpochMilli(),
                                "drive-1".getBytes(StandardCharsets.UTF_8),
                                new byte[valueBytes],
                                headers))
                .sizeInBytes();
        assertThat(ReplayBatch.sentBytes(rejection)).isBetween((long) sent, sent + 80L);
    }
}
