package io.drivetrain.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.trainer.assemble.PixelShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContactSheetsTest {
    private static final int RED = 0xff0000;

    @TempDir
    Path folder;

    /** Red in its left half, blue in its right. */
    private static ContactSheets.Tile tile(int size, int frame) {
        byte[] pixels = new byte[3 * size * size];
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                pixels[(2 * column < size ? 0 : 2) * size * size + row * size + column] = (byte) 255;
            }
        }
        return new ContactSheets.Tile(
                pixels, new PixelShape(3, size, size), "speed-50", "speed-80", 0.93, "track-02_00015", frame);
    }

    private static long count(BufferedImage image, int rgb) {
        long count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                count += (image.getRGB(x, y) & 0xffffff) == rgb ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void smallPicturesAreEnlargedWithoutSmoothing() {
        for (int size : new int[] {32, 64}) {
            BufferedImage sheet = ContactSheets.draw("timeofday=night", List.of(), List.of(tile(size, 1)));
            assertThat(count(sheet, RED)).isEqualTo(64 * 128);
        }
    }

    @Test
    void largePicturesAreReduced() {
        BufferedImage sheet = ContactSheets.draw("timeofday=night", List.of(), List.of(tile(256, 1)));
        assertThat(count(sheet, RED)).isEqualTo(64 * 128);
    }

    @Test
    void greyPicturesAreGrey() {
        byte[] pixels = new byte[28 * 28];
        Arrays.fill(pixels, (byte) 0x55);
        ContactSheets.Tile tile =
                new ContactSheets.Tile(pixels, new PixelShape(1, 28, 28), "coat", "shirt", 0.5, "0001", 0);
        assertThat(count(ContactSheets.draw("all", List.of(), List.of(tile)), 0x555555))
                .isGreaterThanOrEqualTo(112 * 112);
    }

    @Test
    void theSameTilesGiveTheSameBytesOfARealPng() throws IOException {
        List<ContactSheets.Tile> tiles = new ArrayList<>();
        for (int i = 0; i < 13; i++) {
            tiles.add(tile(32, i));
        }
        Path first = folder.resolve("a.png");
        Path second = folder.resolve("b.png");
        ContactSheets.write(first, "light=dim", List.of("test-dev error 40.1 %"), tiles);
        ContactSheets.write(second, "light=dim", List.of("test-dev error 40.1 %"), tiles);
        assertThat(Files.readAllBytes(first)).isEqualTo(Files.readAllBytes(second));
        BufferedImage read = ImageIO.read(first.toFile());
        assertThat(count(read, RED)).isEqualTo(13 * 64 * 128);
    }

    @Test
    void aSliceWithoutErrorsStillHasASheet() {
        assertThat(ContactSheets.draw("light=dim", List.of("no error"), List.of())
                        .getHeight())
                .isGreaterThan(100);
    }

    @Test
    void pixelsOfAnotherShapeAreRefused() {
        assertThatThrownBy(
                        () -> new ContactSheets.Tile(new byte[5], new PixelShape(3, 32, 32), "a", "b", 0.5, "drive", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("5 bytes of pixels for a picture of 3x32x32");
    }
}
