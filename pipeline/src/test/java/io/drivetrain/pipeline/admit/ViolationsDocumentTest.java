package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/violations.md says what the codes say; {@code -Ddrivetrain.docs=write} writes it. */
class ViolationsDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/violations.md");

    private static String document() {
        StringBuilder text = new StringBuilder("""
                # Violations: why a sample is not admitted

                One record of `samples.rejected` carries all violations of its sample (the first 50). Each has the code, the path of the field, the value (shortened to 200 characters, control characters escaped) and a message that names the sample and what to do. The codes are stable.

                This file is made from `ViolationCode` by `ViolationsDocumentTest`; write it anew with `mvn -o -pl schemas,pipeline test -Dtest=ViolationsDocumentTest -Dsurefire.failIfNoSpecifiedTests=false -Ddrivetrain.docs=write`.

                | code | field | meaning | what to do |
                |---|---|---|---|
                """);
        for (ViolationCode code : ViolationCode.values()) {
            text.append("| `%s` | %s | %s | %s |%n"
                    .formatted(code.code(), cell(code.field()), cell(code.meaning()), cell(code.whatToDo())));
        }
        return text.toString();
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    @Test
    void theDocumentSaysWhatTheCodesSay() throws IOException {
        if ("write".equals(System.getProperty("drivetrain.docs"))) {
            Files.writeString(DOCUMENT, document());
        }
        assertThat(DOCUMENT)
                .as("docs/violations.md is out of date; write it with -Ddrivetrain.docs=write")
                .hasContent(document());
    }

    @ParameterizedTest
    @EnumSource
    void codesReadBackAndTheirTextsAreSentences(ViolationCode code) {
        assertThat(ViolationCode.of(code.code())).contains(code);
        assertThat(code.code()).matches("[a-z]+(-[a-z]+)*");
        assertThat(code.field()).isNotBlank();
        assertThat(code.meaning()).endsWith(".");
        assertThat(code.whatToDo()).endsWith(".");
    }
}
