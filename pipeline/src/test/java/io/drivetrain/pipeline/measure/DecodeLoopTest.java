package io.drivetrain.pipeline.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class DecodeLoopTest {
    private static final Duration SHORT = Duration.ofMillis(40);

    @Test
    void bothDecodersAreMeasuredOnFramesOfACamera() throws Exception {
        Map<DecodeLoop.Decoder, DecodeLoop.Result> results =
                DecodeLoop.measure(List.of(image("jpg"), image("jpg")), 1, SHORT, 64, 64);

        assertThat(results.get(DecodeLoop.Decoder.OPEN_CV).images()).isPositive();
        assertThat(results.get(DecodeLoop.Decoder.EIGHTH).images()).isPositive();
    }

    @Test
    void theFasterDecoderIsTheYardstick() {
        Map<DecodeLoop.Decoder, DecodeLoop.Result> results = Map.of(
                DecodeLoop.Decoder.OPEN_CV, new DecodeLoop.Result(DecodeLoop.Decoder.OPEN_CV, 100, 1000, 1, 1),
                DecodeLoop.Decoder.EIGHTH, new DecodeLoop.Result(DecodeLoop.Decoder.EIGHTH, 300, 3000, 1, 2));

        assertThat(DecodeLoop.json(results))
                .startsWith("{\"imagesPerSecond\":150.00,\"openCv\":100.00,\"eighth\":150.00");
    }

    @Test
    void ourOwnDecoderIsLeftOutWhereAnImageIsNotForIt() throws Exception {
        Map<DecodeLoop.Decoder, DecodeLoop.Result> results =
                DecodeLoop.measure(List.of(image("jpg"), image("png")), 1, SHORT, 64, 64);

        assertThat(results.get(DecodeLoop.Decoder.OPEN_CV).images()).isPositive();
        assertThat(results.get(DecodeLoop.Decoder.EIGHTH).imagesPerSecond()).isZero();
    }

    private static byte[] image(String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(1280, 720, BufferedImage.TYPE_INT_RGB), format, out);
        return out.toByteArray();
    }
}
