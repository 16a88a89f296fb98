package io.drivetrain.schemas.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectLocationTest {
    @Test
    void aKeyIsTakenAsItIsWritten() {
        ObjectLocation place = ObjectLocation.parse("s3://frames/day/a%2e b?c#d.jpg");
        assertThat(place).isEqualTo(new ObjectLocation("frames", "day/a%2e b?c#d.jpg"));
        assertThat(ObjectLocation.parse(place.uri())).isEqualTo(place);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///a.jpg",
                "S3://frames/a",
                "s3:/frames/a",
                "s3://",
                "s3:///a",
                "s3://169.254.169.254:80/latest",
                "s3://user@host/a",
                "s3://Frames/a",
                "s3://frames/day/../a",
                "s3://frames/./a",
                "s3://frames/day//a",
                "s3://frames//",
                "s3://frames/a\nb"
            })
    void whatIsNoPlaceOfAnObjectIsRefused(String uri) {
        assertThatThrownBy(() -> ObjectLocation.parse(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("accepted is s3://BUCKET/KEY");
    }

    @Test
    void aKeyIsAtMost1024BytesLong() {
        assertThat(ObjectLocation.parse("s3://frames/" + "a".repeat(1024)).key())
                .hasSize(1024);
        assertThatThrownBy(() -> ObjectLocation.parse("s3://frames/" + "ä".repeat(513)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyWhatIsInAFolderIsBelowIt() {
        ObjectLocation object = ObjectLocation.parse("s3://frames/day/a.jpg");
        for (String folder : new String[] {"s3://frames", "s3://frames/", "s3://frames/day", "s3://frames/day/"}) {
            assertThat(object.below(ObjectLocation.parse(folder))).as(folder).isTrue();
        }
        for (String folder : new String[] {"s3://frames/da", "s3://frame", "s3://frames/day/a.jpg", "s3://other/day"}) {
            assertThat(object.below(ObjectLocation.parse(folder))).as(folder).isFalse();
        }
    }
}
