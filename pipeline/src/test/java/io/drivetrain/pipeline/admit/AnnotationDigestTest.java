package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;

import io.drivetrain.schemas.Box;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AnnotationDigestTest {
    private static final Box CAR = new Box("car", 1.0, 2.0, 3.0, 4.0);
    private static final Box BUS = new Box("bus", 1.0, 2.0, 3.0, 4.0);

    @Test
    void attributesInAnotherOrderAreTheSame() {
        Map<String, String> one = new LinkedHashMap<>();
        one.put("weather", "clear");
        one.put("scene", "tunnel");
        Map<String, String> other = new LinkedHashMap<>();
        other.put("scene", "tunnel");
        other.put("weather", "clear");
        assertThat(AnnotationDigest.of(List.of(CAR), one)).isEqualTo(AnnotationDigest.of(List.of(CAR), other));
    }

    @Test
    void everyBoxCornerCategoryAndAttributeCounts() {
        Set<Long> digests = new HashSet<>();
        List<List<Box>> boxes = List.of(
                List.of(),
                List.of(CAR),
                List.of(BUS),
                List.of(CAR, BUS),
                List.of(BUS, CAR),
                List.of(new Box("car", 1.5, 2.0, 3.0, 4.0)),
                List.of(new Box("car", 1.0, 2.5, 3.0, 4.0)),
                List.of(new Box("car", 1.0, 2.0, 3.5, 4.0)),
                List.of(new Box("car", 1.0, 2.0, 3.0, 4.5)));
        List<Map<String, String>> attributes = List.of(
                Map.of(),
                Map.of("weather", "clear"),
                Map.of("weather", "rainy"),
                Map.of("clear", "weather"),
                Map.of("weather", "clear", "scene", "tunnel"),
                Map.of("weather", "tunnel", "scene", "clear"));
        boxes.forEach(of -> attributes.forEach(with -> digests.add(AnnotationDigest.of(of, with))));
        assertThat(digests).hasSize(boxes.size() * attributes.size());
    }
}
