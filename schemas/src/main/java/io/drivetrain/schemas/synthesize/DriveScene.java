package io.drivetrain.schemas.synthesize;

import io.drivetrain.schemas.synthesize.Conditions.Scene;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Where things stand in one drive and how they move: metres, X to the right of the camera's axis, Z ahead of the camera
 * at frame 0, and frames as the unit of time.
 */
final class DriveScene {
    private static final int[] FACADES = {0xB08D6E, 0x9AA3A8, 0xC9BFA5, 0x8C6A5D, 0xA8A29A, 0xBF9B83, 0x7F8A93, 0xD4CDBE
    };
    private static final int[] CARS = {0xC23B33, 0x2F4E86, 0xD9DADB, 0x303336, 0x8A9096, 0x2E6B4F, 0xE0B43C, 0x5A2D3A};
    private static final int[] TOPS = {0x2B3A67, 0xA3333D, 0x3D3D3D, 0xE2E2DC, 0x477998, 0x6B8F3A, 0xD98032, 0x5D3A6E};
    private static final int[] TROUSERS = {0x22252B, 0x34496B, 0x5B4B3A, 0x777C80, 0x1F3B32};
    private static final int[] SKINS = {0xF0C8A0, 0xD8A277, 0xA9714B, 0x6E4630};
    private static final int[] HAIR = {0x2A1E17, 0x5B3B22, 0xB08A4A, 0x8C8C8C, 0x151515};

    /** Anything that stands beside the road, drawn from far to near. */
    sealed interface Standing {
        double x();

        double z();
    }

    record Building(double x, double z, double depth, double tall, int rgb, long seed) implements Standing {}

    record Tree(double x, double z, double tall, int rgb) implements Standing {}

    record Lamp(double x, double z) implements Standing {}

    /** Posts, mailboxes, bins and signs: tall and narrow like a person, and none. */
    record Furniture(double x, double z, Kind kind, int rgb) implements Standing {
        enum Kind {
            BOLLARD,
            MAILBOX,
            BIN,
            SIGN
        }
    }

    /** A car seen from behind (going our way) or from ahead (oncoming). */
    record Car(double x, double z, double speed, boolean oncoming, boolean van, int rgb) {
        double z(int frame) {
            return z + speed * frame;
        }
    }

    /**
     * Someone on foot.
     *
     * @param z metres ahead of the moving camera
     * @param pace metres to the right in a frame
     * @param stride walking cycles in a frame
     */
    record Pedestrian(
            double x,
            double z,
            double pace,
            double stride,
            double phase,
            double tall,
            double girth,
            int top,
            int trousers,
            int skin,
            int hair,
            boolean longCoat,
            boolean bag,
            int from,
            int until) {
        double x(int frame) {
            return x + pace * frame;
        }

        boolean present(int frame) {
            return frame >= from && frame < until;
        }
    }

    final double horizon;
    final double egoSpeed;
    final double curve;
    final double wiggle;
    final int asphalt;
    final int verge;
    final List<Standing> standing;
    final List<Car> cars;
    final List<Pedestrian> pedestrians;

    DriveScene(Conditions conditions, int frames, SplittableRandom random) {
        horizon = 0.40 + 0.06 * random.nextDouble();
        curve = (random.nextDouble() - 0.5) * 0.006;
        wiggle = random.nextDouble() * Math.PI * 2;
        int grey = 92 + random.nextInt(34);
        asphalt = grey << 16 | grey << 8 | (grey + 4);
        boolean city = conditions.scene() == Scene.CITY_STREET;
        verge = city ? 0x9A968E : 0x6E8B4A;
        pedestrians = pedestrians(frames, random);
        egoSpeed = pedestrians.isEmpty() ? 0.1 + 0.5 * random.nextDouble() : 0.12 * random.nextDouble();
        List<Standing> things = new ArrayList<>();
        buildings(city, random, things);
        roadside(city, random, things);
        // Facades stand behind everything on road and pavement, whatever their depth: they come first.
        things.sort(Comparator.comparing((Standing thing) -> !(thing instanceof Building))
                .thenComparing(Comparator.comparingDouble(Standing::z).reversed()));
        standing = List.copyOf(things);
        cars = cars(random);
    }

    private static int pick(int[] colours, SplittableRandom random) {
        return colours[random.nextInt(colours.length)];
    }

    private static void buildings(boolean city, SplittableRandom random, List<Standing> things) {
        for (int side = -1; side <= 1; side += 2) {
            double z = 4 + 3 * random.nextDouble();
            while (z < 95) {
                double depth = city ? 9 + 10 * random.nextDouble() : 7 + 4 * random.nextDouble();
                double tall = city ? 8 + 14 * random.nextDouble() : 4.5 + 3 * random.nextDouble();
                double away = city ? 7.2 + random.nextDouble() : 9.5 + 2.5 * random.nextDouble();
                things.add(new Building(side * away, z, depth, tall, pick(FACADES, random), random.nextLong()));
                z += depth + (city ? 0.3 + 2 * random.nextDouble() : 5 + 6 * random.nextDouble());
            }
        }
    }

    private static void roadside(boolean city, SplittableRandom random, List<Standing> things) {
        for (int side = -1; side <= 1; side += 2) {
            double z = 5 + 8 * random.nextDouble();
            while (z < 80) {
                things.add(new Lamp(side * 5.6, z));
                z += 18 + 6 * random.nextDouble();
            }
            z = 4.5 + 6 * random.nextDouble();
            while (z < 70) {
                int green = 0x2F5A24 + (random.nextInt(5) << 17) + (random.nextInt(40) << 8);
                if (random.nextDouble() < (city ? 0.35 : 0.8)) {
                    things.add(new Tree(side * (6.1 + random.nextDouble()), z, 3.5 + 4 * random.nextDouble(), green));
                }
                z += 6 + 7 * random.nextDouble();
            }
            z = 3.6 + 4 * random.nextDouble();
            while (z < 30) {
                Furniture.Kind kind = Furniture.Kind.values()[random.nextInt(Furniture.Kind.values().length)];
                int rgb = switch (kind) {
                    case BOLLARD -> 0xB9B4A8;
                    case MAILBOX -> random.nextBoolean() ? 0xC8A22A : 0x35548C;
                    case BIN -> 0x47604F;
                    case SIGN -> random.nextBoolean() ? 0xB8322C : 0x2C58A8;
                };
                if (random.nextDouble() < 0.6) {
                    things.add(new Furniture(side * (2.6 + 2.4 * random.nextDouble()), z, kind, rgb));
                }
                z += 2.5 + 6 * random.nextDouble();
            }
        }
    }

    private static List<Car> cars(SplittableRandom random) {
        List<Car> cars = new ArrayList<>();
        if (random.nextDouble() < 0.55) {
            cars.add(new Car(
                    0.2 * (random.nextDouble() - 0.5),
                    11 + 22 * random.nextDouble(),
                    0.3 * random.nextDouble(),
                    false,
                    random.nextDouble() < 0.2,
                    pick(CARS, random)));
        }
        int oncoming = random.nextInt(3);
        for (int i = 0; i < oncoming; i++) {
            cars.add(new Car(
                    -3.3,
                    12 + 14 * i + 10 * random.nextDouble(),
                    -0.25,
                    true,
                    random.nextDouble() < 0.2,
                    pick(CARS, random)));
        }
        for (int side = -1; side <= 1; side += 2) {
            double z = 7 + 8 * random.nextDouble();
            while (z < 50) {
                if (random.nextDouble() < 0.45) {
                    cars.add(new Car(side * 5.0, z, 0, side < 0, random.nextDouble() < 0.2, pick(CARS, random)));
                }
                z += 6 + 4 * random.nextDouble();
            }
        }
        cars.sort(Comparator.comparingDouble((Car car) -> car.z()).reversed());
        return List.copyOf(cars);
    }

    /** A third of the drives shows nobody, a third somebody all the time, in a third somebody comes or goes. */
    private static List<Pedestrian> pedestrians(int frames, SplittableRandom random) {
        double kind = random.nextDouble();
        if (kind < 0.28) {
            return List.of();
        }
        List<Pedestrian> people = new ArrayList<>();
        int number = random.nextDouble() < 0.25 ? 2 : 1;
        int turn = 1 + random.nextInt(Math.max(1, frames - 1));
        boolean comes = random.nextBoolean();
        for (int i = 0; i < number; i++) {
            double z = 3.4 + 3.8 * random.nextDouble();
            double reach = 0.5 * z;
            double pace = (random.nextBoolean() ? 1 : -1) * (0.03 + 0.06 * random.nextDouble());
            double x = (random.nextDouble() - 0.5) * 2 * reach - pace * frames / 2.0;
            int from = kind < 0.5 ? 0 : comes ? turn : 0;
            int until = kind < 0.5 ? frames : comes ? frames : turn;
            people.add(new Pedestrian(
                    x,
                    z,
                    pace,
                    0.09 + 0.05 * random.nextDouble(),
                    random.nextDouble(),
                    1.55 + 0.35 * random.nextDouble(),
                    0.85 + 0.4 * random.nextDouble(),
                    pick(TOPS, random),
                    pick(TROUSERS, random),
                    pick(SKINS, random),
                    pick(HAIR, random),
                    random.nextDouble() < 0.25,
                    random.nextDouble() < 0.3,
                    from,
                    until));
        }
        people.sort(
                Comparator.comparingDouble((Pedestrian person) -> person.z()).reversed());
        return List.copyOf(people);
    }
}
