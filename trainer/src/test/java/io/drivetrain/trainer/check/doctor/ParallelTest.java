package io.drivetrain.trainer.check.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
    @Test
    void resultsAndFindingsComeInTheOrderOfTheItems() throws InterruptedException {
        List<Integer> items = IntStream.range(0, 50).boxed().toList();

        assertThat(Parallel.map(items, item -> 2 * item))
                .isEqualTo(IntStream.range(0, 50).map(item -> 2 * item).boxed().toList());

        Findings findings = new Findings();
        Parallel.findings(items, (item, ofItem) -> ofItem.skipped("Item %d", item))
                .forEach(findings::add);
        assertThat(findings.examination().skipped())
                .isEqualTo(items.stream().map("Item %d"::formatted).toList());
    }

    @Test
    void everyNumberGetsOneStepHoweverFewThereAre() throws InterruptedException {
        for (int size : new int[] {0, 1, 5, 1000}) {
            AtomicIntegerArray steps = new AtomicIntegerArray(size);
            Parallel.each(size, steps::incrementAndGet);
            assertThat(IntStream.range(0, size).map(steps::get)).allMatch(count -> count == 1);
        }
    }

    @Test
    void whatAPartThrowsIsThrown() {
        assertThatThrownBy(() -> Parallel.map(List.of(1, 0), item -> 1 / item)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void partsHaveEndedWhenAnInterruptionIsThrown() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Thread asking = Thread.currentThread();

        assertThatThrownBy(() -> Parallel.map(List.of(1), item -> {
                    asking.interrupt();
                    try {
                        never.await();
                    } finally {
                        ended.set(true);
                    }
                    return item;
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(ended).isTrue();
    }
}
