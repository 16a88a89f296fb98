package io.drivetrain.infra.cli.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.LabelSuspect;
import io.drivetrain.schemas.Pixels;
import io.drivetrain.schemas.Split;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ThumbnailsTest {
    @Test
    void channelMajorBytesBecomeRgb() {
        byte[] planes = {(byte) 200, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        BufferedImage image = Thumbnails.image(new Pixels(3, 2, 2, ByteBuffer.wrap(planes)));
        assertThat(image.getRGB(0, 0) & 0xffffff).isEqualTo(200 << 16 | 4 << 8 | 8);
        assertThat(image.getRGB(1, 0) & 0xffffff).isEqualTo(1 << 16 | 5 << 8 | 9);
        assertThat(image.getRGB(0, 1) & 0xffffff).isEqualTo(2 << 16 | 6 << 8 | 10);
    }

    @Test
    void oneChannelIsGrey() {
        BufferedImage image = Thumbnails.image(new Pixels(1, 1, 2, ByteBuffer.wrap(new byte[] {7, 9})));
        assertThat(image.getRGB(1, 0) & 0xffffff).isEqualTo(9 << 16 | 9 << 8 | 9);
    }

    @Test
    void aSampleIdCannotLeadOutOfTheFolder() {
        LabelSuspect suspect = new LabelSuspect(
                "../../etc/passwd",
                "d",
                Split.TRAIN,
                "r",
                0.1,
                "a/b",
                "c d",
                0.9,
                null,
                "00",
                Instant.parse("2026-11-01T08:00:00Z"));
        assertThat(Thumbnails.fileName(3, suspect)).isEqualTo("003-______etc_passwd-a_b-c_d.png");
    }
}
