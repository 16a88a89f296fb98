package io.drivetrain.infra.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.drivetrain.infra.local.StackException;
import org.junit.jupiter.api.Test;

class BenchRulesTest {
    @Test
    void aRunThatRejectsAnImageDoesNotCount() {
        assertThatThrownBy(() -> CurationBench.requireAll(1000, 1, 999))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("1 were rejected");
    }

    @Test
    void aRunWhoseTableLacksARowDoesNotCount() {
        assertThatThrownBy(() -> CurationBench.requireAll(1000, 0, 999))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("the table has 999 rows");
        assertThatCode(() -> CurationBench.requireAll(1000, 0, 1000)).doesNotThrowAnyException();
    }

    @Test
    void roomIsAskedForByTheNumberAndSizeOfImages() {
        long camera = DiskNeed.bytes(40_000, 152_000, 64 * 64 * 3, 0);
        long small = DiskNeed.bytes(1_000_000, 6_000, 64 * 64 * 3, 0);

        // Image bytes lie in samples.raw and in the table.
        assertThat(camera).isBetween(2L * 40_000 * 152_000, 16_000_000_000L);
        assertThat(small).isBetween(24_000_000_000L, 32_000_000_000L);
        assertThat(DiskNeed.bytes(40_000, 152_000, 64 * 64 * 3, 2)).isGreaterThan(camera + 2L * 40_000 * 152_000);
    }

    @Test
    void moreMemoryThanIsStatedIsAnObjection() throws Exception {
        assertThat(PipelineBench.objections(state(1201, 10, 0)))
                .containsExactly("1,201 MB were resident, stated are 1,200 MB");
        assertThat(PipelineBench.objections(state(1200, 10, 0))).isEmpty();
    }

    @Test
    void aRepeatedIdThatIsNotFoundIsAnObjection() throws Exception {
        assertThat(PipelineBench.objections(state(800, 9, 0))).containsExactly("Of 10 repeated ids 9 were found");
        assertThat(PipelineBench.objections(state(800, 10, 2))).containsExactly("2 ids were refused that came once");
    }

    private static JsonNode state(long resident, long found, long others) throws Exception {
        return new ObjectMapper()
                .readTree(
                        "{\"repeated\":10,\"duplicatesFound\":%d,\"otherRefusals\":%d,\"peakResidentMegabytes\":%d,\"statedMegabytes\":1200}"
                                .formatted(found, others, resident));
    }
}
