package io.drivetrain.pipeline.admit;

import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.avro.SchemaNormalization;

/** Whose record this is: the leading fields of a {@link LabeledSample}, read without touching its image. */
public record RawIdentity(String sampleId, String driveId, Domain domain) {
    private static final int MARKER = 0xC301;
    private static final int HEADER_BYTES = 10;
    private static final long CURRENT_SCHEMA = SchemaNormalization.parsingFingerprint64(LabeledSample.getClassSchema());

    /**
     * Reads the identity of an encoded sample; empty if it cannot be read.
     *
     * <p>Records of the current schema are read up to the domain only, those of other known schemas in full.
     */
    public static Optional<RawIdentity> of(byte[] value) {
        if (value == null || value.length < HEADER_BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(value);
        boolean current = (bytes.getShort() & 0xFFFF) == MARKER
                && bytes.order(ByteOrder.LITTLE_ENDIAN).getLong() == CURRENT_SCHEMA;
        return current ? new Prefix(value).read() : decoded(value);
    }

    private static Optional<RawIdentity> decoded(byte[] value) {
        try {
            LabeledSample sample = Wire.decode(value, LabeledSample.class);
            return Optional.of(new RawIdentity(sample.getSampleId(), sample.getDriveId(), sample.getDomain()));
        } catch (UndecodableRecordException e) {
            // The admission rules decode it again and report why.
            return Optional.empty();
        }
    }

    /** A cursor over Avro binary that fails by returning -1 or null instead of trusting lengths. */
    private static final class Prefix {
        private final byte[] bytes;
        private int position = HEADER_BYTES;

        Prefix(byte[] bytes) {
            this.bytes = bytes;
        }

        Optional<RawIdentity> read() {
            String sampleId = text();
            String driveId = sampleId == null ? null : text();
            if (driveId == null || !number() || !number() || position >= bytes.length) {
                return Optional.empty();
            }
            // Enum positions are zig-zag coded: 0 and 2 are the first two symbols.
            return switch (bytes[position]) {
                case 0 -> Optional.of(new RawIdentity(sampleId, driveId, Domain.SOURCE));
                case 2 -> Optional.of(new RawIdentity(sampleId, driveId, Domain.TARGET));
                default -> Optional.empty();
            };
        }

        private String text() {
            int start = position;
            if (!number()) {
                return null;
            }
            long zigzag = 0;
            for (int i = position - 1; i >= start; i--) {
                zigzag = zigzag << 7 | bytes[i] & 0x7F;
            }
            long length = zigzag >>> 1;
            if ((zigzag & 1) != 0 || length > bytes.length - position) {
                return null;
            }
            String text = new String(bytes, position, (int) length, StandardCharsets.UTF_8);
            position += (int) length;
            return text;
        }

        private boolean number() {
            for (int read = 0; read < 10 && position < bytes.length; read++) {
                if (bytes[position++] >= 0) {
                    return true;
                }
            }
            return false;
        }
    }
}
