package io.drivetrain.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpillSorterTest {
    @ParameterizedTest(name = "seed {0}, {1} records, {2} bytes of memory")
    @CsvSource({"1, 0, 1000", "2, 1, 1000", "3, 500, 1000000", "4, 20000, 20000", "5, 20000, 5000"})
    void recordsComeSortedByKeyAndThenInTheOrderTheyCame(long seed, int count, long memory) throws Exception {
        Random random = new Random(seed);
        List<SpillSorter.Row> expected = new ArrayList<>();
        try (SpillSorter sorter = new SpillSorter(memory)) {
            for (int i = 0; i < count; i++) {
                String key = Integer.toHexString(random.nextInt(Math.max(1, count / 3)));
                byte[] payload = ByteBuffer.allocate(4).putInt(i).array();
                sorter.add(key, payload);
                expected.add(new SpillSorter.Row(key, i, payload));
            }
            expected.sort(SpillSorter.Row.ORDER);
            Iterator<SpillSorter.Row> sorted = sorter.sorted();
            for (SpillSorter.Row row : expected) {
                SpillSorter.Row actual = sorted.next();
                assertThat(actual.key()).isEqualTo(row.key());
                assertThat(actual.payload()).isEqualTo(row.payload());
            }
            assertThat(sorted.hasNext()).isFalse();
        }
    }
}
