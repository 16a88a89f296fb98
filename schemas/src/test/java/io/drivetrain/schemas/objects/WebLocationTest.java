package io.drivetrain.schemas.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebLocationTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///a.jpg",
                "https:/a",
                "https:///a",
                "https://user@host/a",
                "https://host@169.254.169.254/a",
                "https://host/a?b=c",
                "https://host/a#b",
                "https://host/day/../a",
                "https://host/day/%2e%2E/a",
                "https://host/day/%252e%252e/a",
                "https://host/day/..;x/a",
                "https://host/day%2f..%2fa",
                "https://host/day/..%5ca",
                "https://host/day\\a",
                "https://host/./a",
                "https://host/day//a",
                "https://host/%zz",
                "https://host/a%0d%0ab",
                "https://ho st/a"
            })
    void whatIsNoPlainPlaceOfAFileIsRefused(String uri) {
        assertThatThrownBy(() -> WebLocation.parse(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("accepted is https://HOST/PATH");
    }

    @Test
    void onlyWhatIsInAFolderOfTheSameServerIsBelowIt() {
        WebLocation file = WebLocation.parse("https://Images.Example:443/day/one%20more.jpg");
        assertThat(file.uri()).isEqualTo("https://images.example/day/one%20more.jpg");
        for (String folder : new String[] {
            "https://images.example",
            "HTTPS://images.example/",
            "https://images.example/day",
            "https://images.example:443/day/"
        }) {
            assertThat(file.below(WebLocation.parse(folder))).as(folder).isTrue();
        }
        for (String folder : new String[] {
            "http://images.example/day",
            "https://images.example:8443/day",
            "https://images.example.org/day",
            "https://images.example/da",
            "https://images.example/day/one%20more.jpg"
        }) {
            assertThat(file.below(WebLocation.parse(folder))).as(folder).isFalse();
        }
    }
}
