package io.drivetrain.pipeline.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryFormTest {
    @ParameterizedTest(name = "''{0}''")
    @ValueSource(strings = {"", "00", "ff", "0123456789abcdef", "11", "1", "abc", "AB", "0g", "ab-d", "ünde"})
    void everyTextComesBackWhetherItIsHexadecimalOrNot(String text) throws IOException {
        assertThat(hexThereAndBack(text)).isEqualTo(text);
    }

    @Test
    void hexadecimalDigitsTakeHalfOfTheirSize() throws IOException {
        String sha256 = "0123456789abcdef".repeat(4);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryForm.writeHex(sha256, new DataOutputStream(out));
        assertThat(out.size()).isEqualTo(34);
        assertThat(hexThereAndBack("f".repeat(510))).isEqualTo("f".repeat(510));
        assertThat(hexThereAndBack("f".repeat(512))).isEqualTo("f".repeat(512));
    }

    @Test
    void textsComeBackUnderTheirNamesAlsoWhereThereIsNone() throws IOException {
        Map<String, String> texts = new HashMap<>(Map.of("weather", "rainy", "straße", ""));
        texts.put("scene", null);
        for (Map<String, String> written : List.of(texts, Map.<String, String>of())) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            BinaryForm.writeTexts(written, new DataOutputStream(out));
            assertThat(BinaryForm.readTexts(new DataInputStream(new ByteArrayInputStream(out.toByteArray()))))
                    .isEqualTo(written);
        }
    }

    private static String hexThereAndBack(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryForm.writeHex(text, new DataOutputStream(out));
        return BinaryForm.readHex(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
    }
}
