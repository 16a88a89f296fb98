package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.DrivetrainConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a drive begins, as text: {@code geo:48.13,11.58} (degrees north and east, after RFC 5870) from the attributes
 * latitude and longitude, else {@code NAME=VALUE} of the first of split.place-attributes that the sample has, else
 * empty.
 *
 * <p>A frame's own attributes say where the frame was taken. {@code drive-latitude}, {@code drive-longitude} and
 * {@code drive-NAME} say where its drive began and win over them, so that whichever frame comes first says the same.
 */
public final class Places {
    static final String GEO = "geo:";

    /** Before the name of an attribute: that of the drive, the same for all its frames. */
    static final String OF_DRIVE = "drive-";

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
        String ofDrive = point(sampleAttributes, OF_DRIVE + "latitude", OF_DRIVE + "longitude");
        String point = ofDrive.isEmpty() ? point(sampleAttributes, "latitude", "longitude") : ofDrive;
        if (!point.isEmpty()) {
            return point;
        }
        for (String name : attributes) {
            String value = sampleAttributes.getOrDefault(OF_DRIVE + name, sampleAttributes.get(name));
            if (value != null && !value.isBlank()) {
                return name + "=" + value.strip();
            }
        }
        return "";
    }

    private static String point(Map<String, String> sampleAttributes, String north, String east) {
        String latitude = sampleAttributes.get(north);
        String longitude = sampleAttributes.get(east);
        if (latitude != null && longitude != null) {
            String place = GEO + latitude.strip() + "," + longitude.strip();
            if (coordinates(place).isPresent()) {
                return place;
            }
        }
        return "";
    }
}
