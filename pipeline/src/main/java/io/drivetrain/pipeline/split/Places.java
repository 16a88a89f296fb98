package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.DrivetrainConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a drive begins, as text: {@code geo:48.13,11.58} (degrees north and east, after RFC 5870) from the attributes
 * latitude and longitude, else {@code NAME=VALUE} of the first of split.place-attributes that the sample has, else
 * empty.
 */
public final class Places {
    static final String GEO = "geo:";

    private final List<String> attributes;

    private Places(List<String> attributes) {
        this.attributes = List.copyOf(attributes);
    }

    public static Places of(DrivetrainConfig config) {
        return new Places(config.split().placeAttributes());
    }

    /** Degrees north and east. */
    record Coordinates(double latitude, double longitude) {}

    /** Reads {@code geo:LATITUDE,LONGITUDE}; empty if it is no point on earth. */
    static Optional<Coordinates> coordinates(String place) {
        String[] parts = place.substring(GEO.length()).split(",", -1);
        if (parts.length != 2) {
            return Optional.empty();
        }
        try {
            double latitude = Double.parseDouble(parts[0].strip());
            double longitude = Double.parseDouble(parts[1].strip());
            return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
                    ? Optional.of(new Coordinates(latitude, longitude))
                    : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Returns the place that a sample's attributes name, or empty text. */
    public String of(Map<String, String> sampleAttributes) {
        String latitude = sampleAttributes.get("latitude");
        String longitude = sampleAttributes.get("longitude");
        if (latitude != null && longitude != null) {
            String place = GEO + latitude.strip() + "," + longitude.strip();
            if (coordinates(place).isPresent()) {
                return place;
            }
        }
        for (String name : attributes) {
            String value = sampleAttributes.get(name);
            if (value != null && !value.isBlank()) {
                return name + "=" + value.strip();
            }
        }
        return "";
    }
}
