package io.drivetrain.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeasuredSlicesTest {
    @Test
    void aSampleBelongsToTheSlicesOfItsMeasurementsAndFlags() {
        assertThat(MeasuredSlices.of(0.21, 0.51, List.of("dark", "blurry")).values())
                .containsExactlyInAnyOrder("glare>0.2", "dark>0.5", "flag=dark", "flag=blurry");
    }

    @Test
    void theBordersThemselvesAreOutside() {
        assertThat(MeasuredSlices.of(0.2, 0.5, List.of())).isEmpty();
    }
}
