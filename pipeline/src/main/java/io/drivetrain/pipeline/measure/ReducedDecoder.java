package io.drivetrain.pipeline.measure;

import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_core.extractChannel;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_AREA;
import static org.bytedeco.opencv.global.opencv_imgproc.INTER_LINEAR;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * Decodes a JPEG or PNG once, at the smallest scale that still covers the training size, and averages it down to that
 * size (smaller images are enlarged bilinearly): libjpeg-turbo's DCT scaling makes a 1280 x 720 frame four times cheaper than a full decode.
 *
 * <p>The result is 8-bit RGB whatever the image was: grey and palette images are expanded, alpha is dropped, 16-bit
 * samples are cut to 8 and an EXIF orientation is applied. Not safe for use by several threads; holds native memory
 * until closed.
 */
public final class ReducedDecoder implements AutoCloseable {

    /** What came out of the bytes. */
    public sealed interface Decoding {}

    /**
     * Training-size pixels.
     *
     * @param chw 3 * height * width unsigned bytes: red, green and blue plane, rows from the top
     */
    public record Pixels(byte[] chw) implements Decoding {}

    /** The bytes cannot be decoded, or not to the end. */
    public record Undecodable(String reason) implements Decoding {}

    private static final int CHANNELS = 3;
    private static final int INITIAL_BUFFER = 1 << 18;
    private static final int MEASURED_SIDE = 160;
    private static final int EIGHTH = 8;

    static {
        // The job's subtasks are the threads; OpenCV's own pool would only compete with them.
        opencv_core.setNumThreads(1);
    }

    private final int width;
    private final int height;
    private final Mat decoded = new Mat();
    private final Mat resized;
    private final Size size;
    private final Mat planes;
    private final Mat[] colours = new Mat[CHANNELS];
    private final Mat small = new Mat();
    private final JpegEighth eighth = new JpegEighth();
    private final PngTruecolour truecolour = new PngTruecolour();
    private byte[] buffer = new byte[0];
    private ByteBuffer examined;
    private boolean rightToTheEnd;
    private Picture picture = new Picture(1, 1, Picture.Mode.BGR, new byte[CHANNELS]);
    private BytePointer encoded = new BytePointer(INITIAL_BUFFER);

    /**
     * A decoder to one training size.
     *
     * @param width pixels, 1 or more
     * @param height pixels, 1 or more
     */
    public ReducedDecoder(int width, int height) {
        this.width = width;
        this.height = height;
        resized = new Mat(height, width, CV_8UC3);
        size = new Size(width, height);
        planes = new Mat(CHANNELS * height, width, CV_8UC1);
        for (int colour = 0; colour < CHANNELS; colour++) {
            colours[colour] = planes.rowRange(colour * height, (colour + 1) * height);
        }
    }

    /** Decodes the bytes between position and limit, whose header has been read and found within limits. */
    public Decoding decode(ByteBuffer image, ImageHeader.Readable header) {
        Optional<String> truncation = ImageHeader.truncation(image, header);
        if (truncation.isPresent()) {
            return new Undecodable(truncation.get());
        }
        boolean everyCode = decodesEveryCode(image, header);
        examined = null;
        if (everyCode) {
            decoded.create(eighth.rows(), eighth.columns(), CV_8UC3);
            decoded.data().put(eighth.bgr(), 0, CHANNELS * eighth.columns() * eighth.rows());
            return pixels(decoded, Picture.Mode.BGR);
        }
        if (header.format() == ImageHeader.Format.PNG && truecolour.decode(image, header)) {
            decoded.create(header.height(), header.width(), CV_8UC3);
            decoded.data().put(truecolour.rgb(), 0, CHANNELS * header.width() * header.height());
            return pixels(decoded, Picture.Mode.RGB);
        }
        int reduction = reduction(header);
        int length = image.remaining();
        if (encoded.capacity() < length) {
            encoded.close();
            encoded = new BytePointer(length + length / 2L);
        }
        // The capacity stays that of the whole buffer; put() copies to its start.
        encoded.position(0).put(image.array(), image.arrayOffset() + image.position(), length);
        try (Mat bytes = new Mat(1, length, CV_8U, encoded);
                Mat result = imdecode(bytes, flag(reduction), decoded)) {
            if (result == null || result.empty()) {
                return new Undecodable("the decoder cannot read this %s; it is damaged".formatted(header.format()));
            }
            if (!covers(result.cols(), result.rows(), header, reduction)) {
                return new Undecodable("the header says %d x %d pixels, the data holds another size"
                        .formatted(header.width(), header.height()));
            }
            return pixels(result, Picture.Mode.BGR);
        } catch (RuntimeException e) {
            // OpenCV reports hostile input by C++ exceptions, which arrive as RuntimeException.
            return new Undecodable("the decoder refuses this %s: %s".formatted(header.format(), firstLine(e)));
        }
    }

    /**
     * Whether the image is of those that are decoded code by code, and every code of it is right, from the first marker to
     * the last; {@link #decode} of the same buffer then has only to bring it to training size.
     */
    public boolean decodesEveryCode(ByteBuffer image, ImageHeader.Readable header) {
        if (examined != image) {
            examined = image;
            rightToTheEnd = reduction(header) == EIGHTH
                    && eighth.decode(image)
                    && covers(eighth.columns(), eighth.rows(), header, EIGHTH);
        }
        return rightToTheEnd;
    }

    private Pixels pixels(Mat result, Picture.Mode mode) {
        // Averaging over areas is for shrinking; enlarging with it would repeat pixels.
        boolean shrinks = result.cols() >= width && result.rows() >= height;
        resize(result, resized, size, 0, 0, shrinks ? INTER_AREA : INTER_LINEAR);
        picture = reduced(result, mode);
        extractChannel(resized, colours[0], mode.red());
        extractChannel(resized, colours[1], mode.green());
        extractChannel(resized, colours[2], mode.blue());
        byte[] chw = new byte[CHANNELS * width * height];
        planes.data().get(chw);
        return new Pixels(chw);
    }

    /**
     * The picture that the last image was decoded to, before it was brought to training size: the scale at which the job
     * takes perceptual hashes and quality. Its longest side has 160 to 319 pixels where the image is as large and the
     * decoder came near it; where training needs more, a picture of several times that is averaged down.
     *
     * @return in BGR or RGB, on a buffer that the next image overwrites; after {@link Undecodable}, one of no meaning
     */
    public Picture picture() {
        return picture;
    }

    private Picture reduced(Mat result, Picture.Mode mode) {
        int shrink = Math.max(result.cols(), result.rows()) / MEASURED_SIDE;
        Mat source = result;
        if (shrink > 1) {
            try (Size reducedSize =
                    new Size(Math.max(1, result.cols() / shrink), Math.max(1, result.rows() / shrink))) {
                resize(result, small, reducedSize, 0, 0, INTER_AREA);
            }
            source = small;
        }
        int bytes = source.cols() * source.rows() * CHANNELS;
        if (buffer.length < bytes) {
            buffer = new byte[bytes];
        }
        source.data().get(buffer, 0, bytes);
        return new Picture(source.cols(), source.rows(), mode, buffer);
    }

    /** Returns how often a side is halved by the decoder: 1, 2, 4 or 8. */
    int reduction(ImageHeader.Readable header) {
        return switch (header.format()) {
            // OpenCV decodes a PNG in full and then drops pixels; averaging all of them aliases less.
            case PNG -> 1;
            case JPEG -> {
                int reduction = 8;
                while (reduction > 1
                        && (reduced(header.width(), reduction) < width
                                || reduced(header.height(), reduction) < height)) {
                    reduction /= 2;
                }
                yield reduction;
            }
        };
    }

    private static boolean covers(int width, int height, ImageHeader.Readable header, int reduction) {
        int columns = reduced(header.width(), reduction);
        int rows = reduced(header.height(), reduction);
        boolean upright = width == columns && height == rows;
        boolean turned = width == rows && height == columns;
        return upright || turned;
    }

    private static int reduced(int side, int reduction) {
        return (side + reduction - 1) / reduction;
    }

    static int flag(int reduction) {
        return switch (reduction) {
            case 1 -> IMREAD_COLOR;
            case 2 -> IMREAD_REDUCED_COLOR_2;
            case 4 -> IMREAD_REDUCED_COLOR_4;
            case 8 -> IMREAD_REDUCED_COLOR_8;
            default -> throw new IllegalArgumentException("No decoder reduces by " + reduction);
        };
    }

    private static String firstLine(RuntimeException e) {
        String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("no reason given");
    }

    @Override
    public void close() {
        truecolour.close();
        decoded.close();
        resized.close();
        for (Mat colour : colours) {
            colour.close();
        }
        planes.close();
        small.close();
        size.close();
        encoded.close();
    }
}
