package io.drivetrain.pipeline.measure;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_GRAYSCALE;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Reads whole images sample by sample as Pillow does: a PNG without gamma or colour conversion, palettes expanded to
 * RGB; a JPEG with libjpeg-turbo, as it lies in the file.
 */
final class PictureReader {
    // Place in a PNG of what its pixels are, and the value for grey without opacity.
    private static final int COLOUR_TYPE = 25;
    private static final int GREY = 0;

    private PictureReader() {}

    /** The image is of a kind whose samples are not 8 bits. */
    static final class UnsupportedPicture extends IOException {
        private static final long serialVersionUID = 1;

        UnsupportedPicture(String message) {
            super(message);
        }
    }

    static Picture read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (ImageHeader.read(ByteBuffer.wrap(bytes)) instanceof ImageHeader.Readable header
                && header.format() == ImageHeader.Format.JPEG) {
            return jpeg(bytes, header);
        }
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
        if (image == null) {
            throw new UnsupportedPicture(file + " is neither PNG nor JPEG");
        }
        return png(image, bytes, file);
    }

    private static Picture png(BufferedImage image, byte[] bytes, Path file) throws UnsupportedPicture {
        int width = image.getWidth();
        int height = image.getHeight();
        if (image.getColorModel() instanceof IndexColorModel palette) {
            if (bytes[COLOUR_TYPE] == GREY) {
                return grey(image, palette);
            }
            byte[] samples = new byte[3 * width * height];
            for (int i = 0, p = 0; i < width * height; i++) {
                int index = image.getRaster().getSample(i % width, i / width, 0);
                samples[p++] = (byte) palette.getRed(index);
                samples[p++] = (byte) palette.getGreen(index);
                samples[p++] = (byte) palette.getBlue(index);
            }
            return new Picture(width, height, Picture.Mode.RGB, samples);
        }
        Raster raster = image.getRaster();
        if (raster.getDataBuffer().getDataType() != DataBuffer.TYPE_BYTE) {
            throw new UnsupportedPicture(file + " has samples of more than 8 bits");
        }
        int bands = raster.getNumBands();
        Picture.Mode[] modes = {Picture.Mode.L, Picture.Mode.LA, Picture.Mode.RGB, Picture.Mode.RGBA};
        byte[] samples = new byte[width * height * bands];
        int[] values = raster.getPixels(0, 0, width, height, (int[]) null);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (byte) values[i];
        }
        return new Picture(width, height, modes[bands - 1], samples);
    }

    // Java reads grey of 1, 2 or 4 bits as a palette of greys.
    private static Picture grey(BufferedImage image, IndexColorModel palette) {
        byte[] samples = new byte[image.getWidth() * image.getHeight()];
        for (int i = 0; i < samples.length; i++) {
            samples[i] =
                    (byte) palette.getRed(image.getRaster().getSample(i % image.getWidth(), i / image.getWidth(), 0));
        }
        return new Picture(image.getWidth(), image.getHeight(), Picture.Mode.L, samples);
    }

    private static Picture jpeg(byte[] bytes, ImageHeader.Readable header) throws UnsupportedPicture {
        int components = bytes[header.frameOffset() + 9];
        if (components != 1 && components != 3) {
            throw new UnsupportedPicture("a JPEG of %d components".formatted(components));
        }
        int flag = (components == 1 ? IMREAD_GRAYSCALE : IMREAD_COLOR) | IMREAD_IGNORE_ORIENTATION;
        try (BytePointer encoded = new BytePointer(bytes);
                Mat input = new Mat(1, bytes.length, CV_8U, encoded);
                Mat decoded = imdecode(input, flag)) {
            if (decoded == null || decoded.empty()) {
                throw new UnsupportedPicture("a JPEG that OpenCV does not decode");
            }
            byte[] samples = new byte[decoded.cols() * decoded.rows() * components];
            decoded.data().get(samples);
            return new Picture(
                    decoded.cols(), decoded.rows(), components == 1 ? Picture.Mode.L : Picture.Mode.BGR, samples);
        }
    }
}
