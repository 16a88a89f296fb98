package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GatedSourceTest {
    private static final int RECORDS = 90;

    @Test
    void whatIsBehindAShutGateIsNotGivenAndBehindTheLastOneAllIs() throws Exception {
        AtomicInteger given = new AtomicInteger();
        GatedSource source = new GatedSource(samples(), RECORDS, 2, Duration.ofMillis(20));
        CompletableFuture<Void> taking = CompletableFuture.runAsync(() -> {
            Iterator<Collected> samples = source.iterator();
            for (int i = 0; i < RECORDS; i++) {
                samples.next();
                given.incrementAndGet();
            }
        });
        await(given, 30);
        assertThat(taking).isNotDone();
        source.open();
        await(given, 60);
        assertThat(given).hasValue(60);
        assertThat(taking).isNotDone();
        source.open();
        taking.get(1, TimeUnit.MINUTES);
        assertThat(given).hasValue(RECORDS);
    }

    private static void await(AtomicInteger given, int wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (given.get() < wanted) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static SampleSource samples() {
        return new SampleSource() {
            @Override
            public OptionalLong expectedCount() {
                return OptionalLong.empty();
            }

            @Override
            public Iterator<Collected> iterator() {
                return Collections.<Collected>nCopies(
                                RECORDS,
                                new Collected.Malformed(
                                        Collected.Kind.MISSING_IMAGE, "file", "", "no image", "send it"))
                        .iterator();
            }

            @Override
            public void close() {}
        };
    }
}
