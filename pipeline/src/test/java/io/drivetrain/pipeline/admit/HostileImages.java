package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.TestSamples;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Images that no camera sends. */
final class HostileImages {
    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    private HostileImages() {}

    /** A PNG whose header claims a size and whose only data chunk holds these bytes, deflated. */
    static byte[] png(int width, int height, int bitDepth, int colourType, long rawBytes, byte[]... chunksBefore) {
        try {
            ByteArrayOutputStream deflated = new ByteArrayOutputStream();
            try (OutputStream out = new DeflaterOutputStream(deflated, new Deflater(9))) {
                byte[] zeros = new byte[8192];
                for (long left = rawBytes; left > 0; left -= zeros.length) {
                    out.write(zeros, 0, (int) Math.min(left, zeros.length));
                }
            }
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            png.write(PNG_SIGNATURE);
            ByteArrayOutputStream header = new ByteArrayOutputStream();
            DataOutputStream data = new DataOutputStream(header);
            data.writeInt(width);
            data.writeInt(height);
            data.write(new byte[] {(byte) bitDepth, (byte) colourType, 0, 0, 0});
            png.write(chunk("IHDR", header.toByteArray()));
            for (byte[] chunk : chunksBefore) {
                png.write(chunk);
            }
            png.write(chunk("IDAT", deflated.toByteArray()));
            png.write(chunk("IEND", new byte[0]));
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A flat PNG that is what it claims to be. */
    static byte[] flatPng(int width, int height, int bitDepth, int colourType) {
        int channels = colourType == 2 ? 3 : colourType == 6 ? 4 : 1;
        return png(width, height, bitDepth, colourType, height * (1L + ((long) width * channels * bitDepth + 7) / 8));
    }

    static byte[] chunk(String type, byte[] content) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(content);
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(chunk);
        out.writeInt(content.length);
        out.write(name);
        out.write(content);
        out.writeInt((int) crc.getValue());
        return chunk.toByteArray();
    }

    /** The same JPEG with another size in its header. */
    static byte[] jpegClaiming(byte[] jpeg, int width, int height) {
        byte[] changed = jpeg.clone();
        int frame = indexOf(changed, 0xC0);
        changed[frame + 5] = (byte) (height >> 8);
        changed[frame + 6] = (byte) height;
        changed[frame + 7] = (byte) (width >> 8);
        changed[frame + 8] = (byte) width;
        return changed;
    }

    /** The same JPEG with all of its scans this often. */
    static byte[] jpegWithScans(byte[] jpeg, int times) {
        int scan = indexOf(jpeg, 0xDA);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, scan);
        for (int i = 0; i < times; i++) {
            out.write(jpeg, scan, jpeg.length - 2 - scan);
        }
        out.write(0xFF);
        out.write(0xD9);
        return out.toByteArray();
    }

    /** The same JPEG with these bytes over its entropy-coded data, from a share of its length on. */
    static byte[] jpegOverwritten(byte[] jpeg, double share, byte[] bytes) {
        byte[] changed = jpeg.clone();
        int scan = indexOf(jpeg, 0xDA);
        int at = scan + 14 + (int) (share * (jpeg.length - scan - 16 - bytes.length));
        System.arraycopy(bytes, 0, changed, at, bytes.length);
        return changed;
    }

    static byte[] progressiveJpeg(BufferedImage image, float quality) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(quality);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    static byte[] flatJpeg(int width, int height) {
        return TestSamples.encode(new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR), "jpg");
    }

    static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static int indexOf(byte[] jpeg, int marker) {
        int position = 2;
        while ((jpeg[position + 1] & 0xFF) != marker) {
            position += 2 + ((jpeg[position + 2] & 0xFF) << 8 | jpeg[position + 3] & 0xFF);
        }
        return position;
    }
}
