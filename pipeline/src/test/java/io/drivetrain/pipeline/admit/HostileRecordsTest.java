package io.drivetrain.pipeline.admit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.RejectedSample;
import io.drivetrain.schemas.Violation;
import io.drivetrain.schemas.Wire;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever arrives, the rules answer: with a sample or with codes that are known, in bounded time and memory. */
class HostileRecordsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final int RECORDS = 5_000;
    private static final Duration LONGEST = Duration.ofSeconds(2);

    /** Decoding needs a few copies of a record; an admitted picture may claim up to 3840 x 2160 pixels off the heap. */
    private static final long MOST_HEAP = 4L << 20;

    private static final long MOST_NATIVE = 200L << 20;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void mutatedRecordsNeverThrowAndTakeBoundedTimeAndMemory(long seed) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        HostileRecords records = new HostileRecords(seed);
        Map<String, Integer> counts = new TreeMap<>();
        try (AdmissionRules rules = new AdmissionRules(TestSamples.config(Map.of()))) {
            for (int i = 0; i < RECORDS; i++) {
                HostileRecords.Hostile hostile = records.next();
                byte[] value = hostile.value();
                long begin = System.nanoTime();
                long allocated = threads.getCurrentThreadAllocatedBytes();
                Inspected inspected = inspect(rules, value);
                assertThat(threads.getCurrentThreadAllocatedBytes() - allocated)
                        .as("heap that record %d of seed %d takes", i, seed)
                        .isLessThan(MOST_HEAP);
                assertThat(System.nanoTime() - begin)
                        .as("nanoseconds that record %d of seed %d takes", i, seed)
                        .isLessThan(LONGEST.toNanos());
                assertThat(hostile.neverValid() && inspected.clean())
                        .as("record %d of seed %d, which cannot be valid, is found clean", i, seed)
                        .isFalse();
                if (!inspected.clean()) {
                    for (Violation violation : inspected.violations()) {
                        assertThat(ViolationCode.of(violation.getCode())).isPresent();
                        counts.merge(violation.getCode(), 1, Integer::sum);
                    }
                    RejectedSample rejected = Wire.decode(
                            DeadLetter.of(inspected.whole(), inspected.subject(), inspected.violations(), NOW)
                                    .value(),
                            RejectedSample.class);
                    assertThat(rejected.getViolations()).isEqualTo(inspected.violations());
                } else {
                    counts.merge("admitted", 1, Integer::sum);
                }
            }
        }
        assertThat(Pointer.totalBytes()).isLessThan(MOST_NATIVE);
        System.out.printf("%d mutated records, seed %d: %s%n", RECORDS, seed, counts);
        assertThat(counts)
                .containsKeys("undecodable-record", "undecodable-image", "truncated-image", "format-not-allowed");
    }

    @Test
    void collectionsOfHundredThousandsAreRefusedInBoundedTimeAndMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Map<String, String> attributes = new HashMap<>();
        for (int i = 0; i < 190_000; i++) {
            attributes.put("attribute " + i, "");
        }
        LabeledSample many = TestSamples.sample("drive", 1, Domain.SOURCE, new byte[0]);
        many.setAttributes(attributes);
        LabeledSample boxes = TestSamples.sample("drive", 1, Domain.SOURCE, new byte[0]);
        boxes.setBoxes(Collections.nCopies(190_000, new Box("car", 1.0, 1.0, 2.0, 2.0)));
        try (AdmissionRules rules = new AdmissionRules(TestSamples.config(Map.of()))) {
            for (LabeledSample sample : List.of(many, boxes)) {
                byte[] value = Wire.encode(sample);
                long allocated = threads.getCurrentThreadAllocatedBytes();
                assertThat(inspect(rules, value).violations())
                        .extracting(Violation::getCode)
                        .containsExactlyInAnyOrder("record-too-large", "empty-image");
                assertThat(threads.getCurrentThreadAllocatedBytes() - allocated).isLessThan(64L << 20);
            }
        }
    }

    private static Inspected inspect(AdmissionRules rules, byte[] value) {
        RawRecord raw = new RawRecord("samples.raw", 1, 42, 1000, "key".getBytes(UTF_8), value, List.of());
        return rules.inspect(raw, NOW);
    }
}
