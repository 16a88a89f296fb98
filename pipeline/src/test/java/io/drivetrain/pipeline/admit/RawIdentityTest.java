package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.UndecodableRecordException;
import io.drivetrain.schemas.Wire;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RawIdentityTest {

    @ParameterizedTest
    @EnumSource(Domain.class)
    void theLeadingFieldsAreReadWithoutTheImage(Domain domain) {
        LabeledSample sample = TestSamples.sample("Straße/№ 7", 123_456, domain, new byte[100_000]);
        byte[] value = Wire.encode(sample);
        RawIdentity identity = new RawIdentity("Straße/№ 7/123456", "Straße/№ 7", domain);
        assertThat(RawIdentity.of(value)).contains(identity);
        assertThat(RawIdentity.of(Arrays.copyOf(value, 80))).contains(identity);
    }

    @Test
    void idsOfAnyLengthAreRead() {
        for (int length : new int[] {0, 1, 63, 64, 8191, 8192, 100_000}) {
            LabeledSample sample = TestSamples.sample("d".repeat(length), 0, Domain.SOURCE, new byte[1]);
            assertThat(RawIdentity.of(Wire.encode(sample)))
                    .contains(new RawIdentity("d".repeat(length) + "/0", "d".repeat(length), Domain.SOURCE));
        }
    }

    @Test
    void whatCannotBeReadHasNoIdentity() {
        assertThat(RawIdentity.of(null)).isEmpty();
        assertThat(RawIdentity.of(new byte[0])).isEmpty();
        assertThat(RawIdentity.of("no sample, but long enough".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void damagedRecordsNeverThrowAndAgreeWithTheFullDecoder(long seed) {
        Random random = new Random(seed);
        byte[] good = Wire.encode(TestSamples.sample("drive", 3, Domain.TARGET, new byte[20]));
        for (int i = 0; i < 5000; i++) {
            byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
            if (bytes.length > 10) {
                bytes[10 + random.nextInt(Math.min(30, bytes.length - 10))] = (byte) random.nextInt();
            }
            var identity = RawIdentity.of(bytes);
            try {
                LabeledSample sample = Wire.decode(bytes, LabeledSample.class);
                assertThat(identity)
                        .contains(new RawIdentity(sample.getSampleId(), sample.getDriveId(), sample.getDomain()));
            } catch (UndecodableRecordException e) {
                // The prefix may still be readable; that it did not throw is what counts.
                assertThat(identity).isNotNull();
            }
        }
    }
}
