package io.drivetrain.infra.cli.show;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CurationBenchViewTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    @Test
    void aRateIsShownWithItsImagesAndWithTheLoopBeforeAndAfterTheJob() throws Exception {
        ObjectNode document = (ObjectNode) new ObjectMapper().readTree("""
                {"smallImages": 400000, "kilobytesPerSmallImage": 0.9, "smallJobIsWarm": true, "smallJob": 6000,
                 "copyLoop": 10000, "copyLoopBefore": 9000, "copyLoopAfter": 11000, "ratioToCopy": 0.6,
                 "smallProfile": [{"cpuMillisecondsPerImage": 0.25, "part": "decode"}]}
                """);
        CurationBenchView.show(document, TestTerminals.to(shown, false, false, true, 100));
        assertThat(shown.toString(StandardCharsets.UTF_8))
                .contains("400,000 small PNGs of 0.9 KB: job 6000 images/s")
                .contains("bare copy loop 10000 images/s (9000 before the job, 11000 after): ratio 0.60")
                .contains("0.250 ms CPU an image  decode")
                .doesNotContain("JPEG");
    }
}
