package io.drivetrain.schemas.synthesize;

import java.util.Map;

/** The conditions of one drive, as its attributes tell them truthfully (BDD100K's vocabulary where it has one). */
public record Conditions(TimeOfDay timeOfDay, Weather weather, Scene scene, Reflections reflections) {
    /** When in the day. */
    public enum TimeOfDay {
        DAYTIME("daytime"),
        DUSK("dawn/dusk"),
        NIGHT("night");

        final String attribute;

        TimeOfDay(String attribute) {
            this.attribute = attribute;
        }
    }

    /** Of the whole drive. */
    public enum Weather {
        CLEAR("clear"),
        OVERCAST("overcast"),
        RAINY("rainy");

        final String attribute;

        Weather(String attribute) {
            this.attribute = attribute;
        }
    }

    /** Where it leads through. */
    public enum Scene {
        CITY_STREET("city street"),
        RESIDENTIAL("residential");

        final String attribute;

        Scene(String attribute) {
            this.attribute = attribute;
        }
    }

    /** What the windscreen or a wet road mirrors. */
    public enum Reflections {
        NONE("none"),
        WINDSCREEN("windscreen"),
        WET_ROAD("wet-road");

        final String attribute;

        Reflections(String attribute) {
            this.attribute = attribute;
        }
    }

    /** As attributes of a sample. */
    public Map<String, String> attributes() {
        return Map.of(
                "timeofday", timeOfDay.attribute,
                "weather", weather.attribute,
                "scene", scene.attribute,
                "reflections", reflections.attribute);
    }
}
