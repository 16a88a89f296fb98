package io.drivetrain.schemas.synthesize;

import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.synthesize.Conditions.Weather;
import io.drivetrain.schemas.synthesize.DriveScene.Building;
import io.drivetrain.schemas.synthesize.DriveScene.Car;
import io.drivetrain.schemas.synthesize.DriveScene.Furniture;
import io.drivetrain.schemas.synthesize.DriveScene.Lamp;
import io.drivetrain.schemas.synthesize.DriveScene.Pedestrian;
import io.drivetrain.schemas.synthesize.DriveScene.Tree;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Paints one frame of a drive through a pinhole camera 1.4 m above the road; boxes of the pedestrians that are in view
 * come with it. Lens and sensor are {@link Camera}'s part.
 */
final class ScenePainter {
    private static final double CAMERA_HEIGHT = 1.4;
    private static final double FOCAL_SHARE = 0.70;
    private static final double NEAREST = 1.6;
    private static final double ROAD_HALF = 5.6;
    /** Less of a person in view than this is no pedestrian that anyone would label. */
    private static final double LEAST_SHARE_IN_VIEW = 0.6;

    private final Conditions conditions;
    private final DriveScene scene;
    private final Palette palette;
    private final int width;
    private final int height;
    private final double focal;
    private final double horizonY;

    ScenePainter(Conditions conditions, DriveScene scene, Palette palette, int width, int height) {
        this.conditions = conditions;
        this.scene = scene;
        this.palette = palette;
        this.width = width;
        this.height = height;
        this.focal = FOCAL_SHARE * width;
        this.horizonY = scene.horizon * height;
    }

    /** A painted frame. */
    record Painted(BufferedImage image, List<Box> pedestrians) {}

    Painted paint(int frame) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        List<Box> boxes = new ArrayList<>();
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            sky(g);
            road(g, frame);
            double camera = scene.egoSpeed * frame;
            things(g, frame, camera, boxes);
            rain(g, frame);
        } finally {
            g.dispose();
        }
        return new Painted(image, List.copyOf(boxes));
    }

    double horizonY() {
        return horizonY;
    }

    private double px(double x, double z) {
        return width / 2.0 + focal * (x + scene.curve * z * z) / z;
    }

    private double py(double up, double z) {
        return horizonY + focal * (CAMERA_HEIGHT - up) / z;
    }

    private void sky(Graphics2D g) {
        g.setPaint(new GradientPaint(0, 0, palette.skyTop(), 0, (float) horizonY, palette.skyAtHorizon()));
        g.fill(new Rectangle2D.Double(0, 0, width, horizonY + 1));
        SplittableRandom random = new SplittableRandom(Double.doubleToLongBits(scene.wiggle));
        if (palette.night()) {
            g.setColor(new Color(150, 155, 170));
            for (int i = 0; i < 40; i++) {
                double size = 0.6 + random.nextDouble();
                g.fill(new Ellipse2D.Double(
                        random.nextDouble() * width, random.nextDouble() * horizonY * 0.7, size, size));
            }
        } else {
            for (int i = 0; i < 5; i++) {
                double w = width * (0.15 + 0.25 * random.nextDouble());
                double h = w * (0.10 + 0.08 * random.nextDouble());
                double x = random.nextDouble() * width - w / 2;
                double y = random.nextDouble() * horizonY * 0.7;
                g.setColor(new Color(255, 255, 255, 26));
                for (int puff = 0; puff < 4; puff++) {
                    g.fill(new Ellipse2D.Double(x + w * 0.2 * puff, y + h * 0.4 * random.nextDouble(), w * 0.5, h));
                }
            }
        }
    }

    private Path2D quad(double x1, double x2, double zNear, double zFar) {
        Path2D path = new Path2D.Double();
        int steps = 8;
        for (int i = 0; i <= steps; i++) {
            double z = zNear * Math.pow(zFar / zNear, (double) i / steps);
            if (i == 0) {
                path.moveTo(px(x1, z), py(0, z));
            } else {
                path.lineTo(px(x1, z), py(0, z));
            }
        }
        for (int i = steps; i >= 0; i--) {
            double z = zNear * Math.pow(zFar / zNear, (double) i / steps);
            path.lineTo(px(x2, z), py(0, z));
        }
        path.closePath();
        return path;
    }

    private void road(Graphics2D g, int frame) {
        double[] bands = {900, 120, 60, 34, 20, 13, 9, 6.5, 4.8, 3.6, 2.7, NEAREST};
        for (int i = 0; i + 1 < bands.length; i++) {
            double mid = Math.sqrt(bands[i] * bands[i + 1]);
            double top = py(0, bands[i]) - 1;
            g.setColor(palette.lit(scene.verge, 7, mid, 0));
            g.fill(new Rectangle2D.Double(0, top, width, py(0, bands[i + 1]) - top + 2));
        }
        for (int i = 0; i + 1 < bands.length; i++) {
            // Each band reaches under the next nearer one, so that no seam shows between them.
            double near = bands[i + 1] * 0.97;
            double mid = Math.sqrt(bands[i] * bands[i + 1]);
            g.setColor(palette.lit(0xA7A39B, 5, mid, 0));
            g.fill(quad(-7.2, 7.2, near, bands[i]));
            int strips = palette.lampsOn() ? 28 : 1;
            for (int s = 0; s < strips; s++) {
                double left = -ROAD_HALF + 2 * ROAD_HALF * s / strips;
                double right = -ROAD_HALF + 2 * ROAD_HALF * (s + 1) / strips;
                g.setColor(palette.lit(scene.asphalt, (left + right) / 2, mid, 0));
                g.fill(quad(left, right + (s + 1 < strips ? 0.1 : 0), near, bands[i]));
            }
        }
        double travelled = (scene.egoSpeed * frame) % 6;
        for (double z = 3 - travelled; z < 80; z += 6) {
            double near = Math.max(NEAREST, z);
            double far = z + 2.6;
            if (far > near) {
                g.setColor(palette.lit(0xE8E6DC, -1.7, near, 0));
                g.fill(quad(-1.76, -1.62, near, far));
            }
        }
        for (double edge : new double[] {-5.4, 5.3}) {
            g.setColor(palette.lit(0xD8D6CC, edge, 8, 0));
            g.fill(quad(edge, edge + 0.1, NEAREST, 70));
        }
    }

    private void things(Graphics2D g, int frame, double camera, List<Box> boxes) {
        int car = 0;
        List<Car> cars = scene.cars;
        int person = 0;
        List<Pedestrian> people = scene.pedestrians;
        for (DriveScene.Standing thing : scene.standing) {
            double z = thing.z() - camera;
            if (thing instanceof Building b) {
                building(g, b, z);
                continue;
            }
            while (car < cars.size() && cars.get(car).z(frame) - camera > z) {
                car(g, cars.get(car), cars.get(car).z(frame) - camera);
                car++;
            }
            while (person < people.size() && people.get(person).z() > z) {
                pedestrian(g, people.get(person++), frame, boxes);
            }
            if (thing instanceof Tree t) {
                tree(g, t, z);
            } else if (thing instanceof Lamp l) {
                lamp(g, l, z);
            } else {
                furniture(g, (Furniture) thing, z);
            }
        }
        while (car < cars.size()) {
            car(g, cars.get(car), cars.get(car).z(frame) - camera);
            car++;
        }
        while (person < people.size()) {
            pedestrian(g, people.get(person++), frame, boxes);
        }
    }

    private void building(Graphics2D g, Building b, double z) {
        double far = z + b.depth();
        if (far < NEAREST + 1) {
            return;
        }
        double near = Math.max(NEAREST, z);
        Path2D facade = new Path2D.Double();
        facade.moveTo(px(b.x(), near), py(0, near));
        facade.lineTo(px(b.x(), far), py(0, far));
        facade.lineTo(px(b.x(), far), py(b.tall(), far));
        facade.lineTo(px(b.x(), near), py(b.tall(), near));
        facade.closePath();
        g.setColor(palette.lit(b.rgb(), b.x(), near + 2, 2));
        g.fill(facade);
        double outer = b.x() + Math.signum(b.x()) * 9;
        g.setColor(palette.lit(darker(b.rgb()), b.x(), near + 2, 2));
        double left = Math.min(px(b.x(), near), px(outer, near));
        double right = Math.max(px(b.x(), near), px(outer, near));
        g.fill(new Rectangle2D.Double(left, py(b.tall(), near), right - left, py(0, near) - py(b.tall(), near)));
        windows(g, b, z, near);
    }

    private void windows(Graphics2D g, Building b, double z, double near) {
        SplittableRandom random = new SplittableRandom(b.seed());
        int floors = Math.max(1, (int) (b.tall() / 3));
        int columns = Math.max(1, (int) (b.depth() / 2.6));
        for (int column = 0; column < columns; column++) {
            double from = z + (column + 0.25) * b.depth() / columns;
            double to = z + (column + 0.75) * b.depth() / columns;
            for (int floor = 0; floor < floors; floor++) {
                boolean on = random.nextDouble() < 0.35;
                Color glow = palette.windowGlow(random);
                if (from < near || from > 55) {
                    continue;
                }
                double low = floor * 3 + 1;
                double high = low + 1.4;
                Path2D window = new Path2D.Double();
                window.moveTo(px(b.x(), from), py(low, from));
                window.lineTo(px(b.x(), to), py(low, to));
                window.lineTo(px(b.x(), to), py(high, to));
                window.lineTo(px(b.x(), from), py(high, from));
                window.closePath();
                g.setColor(palette.lampsOn() && on ? glow : palette.lit(0x49525C, b.x(), from, 2));
                g.fill(window);
            }
        }
    }

    private static int darker(int rgb) {
        return (int) ((rgb >> 16 & 0xFF) * 0.75) << 16
                | (int) ((rgb >> 8 & 0xFF) * 0.75) << 8
                | (int) ((rgb & 0xFF) * 0.75);
    }

    private void tree(Graphics2D g, Tree t, double z) {
        if (z < NEAREST) {
            return;
        }
        double s = focal / z;
        double x = px(t.x(), z);
        double ground = py(0, z);
        g.setColor(palette.lit(0x5A4632, t.x(), z, 1));
        g.fill(new Rectangle2D.Double(x - 0.12 * s, ground - t.tall() * 0.55 * s, 0.24 * s, t.tall() * 0.55 * s));
        for (int i = 0; i < 4; i++) {
            double dx = (i - 1.5) * 0.45 * s;
            double up = t.tall() * (0.62 + 0.13 * (i % 2)) * s;
            double r = t.tall() * 0.24 * s;
            g.setColor(palette.lit(t.rgb() + (i << 10), t.x(), z, 2.5));
            g.fill(new Ellipse2D.Double(x + dx - r, ground - up - r, 2 * r, 2 * r));
        }
    }

    private void lamp(Graphics2D g, Lamp l, double z) {
        if (z < NEAREST) {
            return;
        }
        double s = focal / z;
        double x = px(l.x(), z);
        double ground = py(0, z);
        double top = py(6, z);
        double arm = -Math.signum(l.x()) * 1.3 * s;
        g.setColor(palette.lit(0x5E6266, l.x(), z, 2));
        g.fill(new Rectangle2D.Double(x - 0.07 * s, top, 0.14 * s, ground - top));
        g.setStroke(new BasicStroke((float) Math.max(1, 0.09 * s)));
        g.draw(new Line2D.Double(x, top, x + arm, top - 0.15 * s));
        if (palette.lampsOn()) {
            glow(g, x + arm, top - 0.1 * s, Math.max(3, 1.1 * s), new Color(255, 214, 140), 200);
        }
    }

    private static void glow(Graphics2D g, double x, double y, double radius, Color colour, int alpha) {
        Color centre = new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), alpha);
        Color edge = new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 0);
        g.setPaint(new RadialGradientPaint(
                (float) x, (float) y, (float) radius, new float[] {0f, 0.25f, 1f}, new Color[] {
                    centre, new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), alpha / 3), edge
                }));
        g.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    private void furniture(Graphics2D g, Furniture f, double z) {
        if (z < NEAREST) {
            return;
        }
        double s = focal / z;
        double x = px(f.x(), z);
        double ground = py(0, z);
        Color colour = palette.lit(f.rgb(), f.x(), z, 0.6);
        Color pole = palette.lit(0x70757A, f.x(), z, 0.8);
        switch (f.kind()) {
            case BOLLARD -> {
                g.setColor(colour);
                g.fill(new RoundRectangle2D.Double(
                        x - 0.09 * s, ground - 0.95 * s, 0.18 * s, 0.95 * s, 0.1 * s, 0.1 * s));
            }
            case MAILBOX -> {
                g.setColor(pole);
                g.fill(new Rectangle2D.Double(x - 0.06 * s, ground - 0.7 * s, 0.12 * s, 0.7 * s));
                g.setColor(colour);
                g.fill(new RoundRectangle2D.Double(
                        x - 0.26 * s, ground - 1.35 * s, 0.52 * s, 0.7 * s, 0.12 * s, 0.12 * s));
            }
            case BIN -> {
                g.setColor(colour);
                g.fill(new RoundRectangle2D.Double(
                        x - 0.27 * s, ground - 1.0 * s, 0.54 * s, 1.0 * s, 0.1 * s, 0.1 * s));
            }
            case SIGN -> {
                g.setColor(pole);
                g.fill(new Rectangle2D.Double(x - 0.04 * s, ground - 2.3 * s, 0.08 * s, 2.3 * s));
                g.setColor(colour);
                g.fill(new Ellipse2D.Double(x - 0.33 * s, ground - 2.75 * s, 0.66 * s, 0.66 * s));
                g.setColor(palette.lit(0xF0F0EC, f.x(), z, 1.5));
                g.fill(new Ellipse2D.Double(x - 0.22 * s, ground - 2.64 * s, 0.44 * s, 0.44 * s));
            }
        }
    }

    private void car(Graphics2D g, Car c, double z) {
        if (z < 3.2) {
            return;
        }
        double s = focal / z;
        double x = px(c.x(), z);
        double ground = py(0, z);
        double half = 0.9 * s;
        double tall = (c.van() ? 2.1 : 1.45) * s;
        g.setColor(new Color(0, 0, 0, 90));
        g.fill(new Ellipse2D.Double(x - 1.1 * half, ground - 0.14 * s, 2.2 * half, 0.28 * s));
        g.setColor(palette.lit(0x1C1C1E, c.x(), z, 0.3));
        g.fill(new Rectangle2D.Double(x - 0.92 * half, ground - 0.45 * s, 0.3 * s, 0.45 * s));
        g.fill(new Rectangle2D.Double(x + 0.92 * half - 0.3 * s, ground - 0.45 * s, 0.3 * s, 0.45 * s));
        Path2D cabin = new Path2D.Double();
        cabin.moveTo(x - 0.86 * half, ground - 0.85 * s);
        cabin.lineTo(x - 0.62 * half, ground - tall);
        cabin.lineTo(x + 0.62 * half, ground - tall);
        cabin.lineTo(x + 0.86 * half, ground - 0.85 * s);
        cabin.closePath();
        g.setColor(palette.lit(c.rgb(), c.x(), z, 1.1));
        g.fill(cabin);
        g.setColor(palette.lit(0x2B3640, c.x(), z, 1.2));
        g.fill(new RoundRectangle2D.Double(
                x - 0.6 * half, ground - tall + 0.1 * s, 1.2 * half, 0.42 * s, 0.1 * s, 0.1 * s));
        g.setColor(palette.lit(c.rgb(), c.x(), z, 0.6));
        g.fill(new RoundRectangle2D.Double(x - half, ground - 0.95 * s, 2 * half, 0.7 * s, 0.2 * s, 0.2 * s));
        g.setColor(palette.lit(0xD8D8D0, c.x(), z, 0.5));
        g.fill(new Rectangle2D.Double(x - 0.25 * s, ground - 0.55 * s, 0.5 * s, 0.14 * s));
        boolean lights = palette.lampsOn() && c.speed() != 0;
        Color lamp = c.oncoming()
                ? (lights ? new Color(255, 246, 220) : palette.lit(0xE8E8E8, c.x(), z, 0.6))
                : (lights ? new Color(255, 60, 40) : palette.lit(0xA02020, c.x(), z, 0.6));
        for (int side = -1; side <= 1; side += 2) {
            double lx = x + side * 0.74 * half;
            double ly = ground - 0.72 * s;
            g.setColor(lamp);
            g.fill(new Ellipse2D.Double(lx - 0.13 * s, ly - 0.1 * s, 0.26 * s, 0.2 * s));
            if (lights) {
                glow(g, lx, ly, (c.oncoming() ? 1.1 : 0.5) * s, lamp, c.oncoming() ? 210 : 140);
            }
        }
    }

    private void pedestrian(Graphics2D g, Pedestrian p, int frame, List<Box> boxes) {
        if (!p.present(frame)) {
            return;
        }
        double z = p.z();
        double worldX = p.x(frame);
        double s = focal / z * p.tall() / 1.75;
        double x = px(worldX, z);
        double ground = py(0, z);
        double halfWidth = 0.32 * s * p.girth();
        double left = x - halfWidth;
        double right = x + halfWidth;
        double inView = (Math.min(width, right) - Math.max(0, left)) / (right - left);
        if (inView < LEAST_SHARE_IN_VIEW) {
            return;
        }
        double swing = Math.sin(2 * Math.PI * (p.phase() + p.stride() * frame));
        g.setColor(new Color(0, 0, 0, palette.night() ? 60 : 80));
        g.fill(new Ellipse2D.Double(x - 0.4 * s, ground - 0.06 * s, 0.8 * s, 0.14 * s));
        float limb = (float) (0.15 * s * p.girth());
        BasicStroke leg = new BasicStroke(limb, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
        BasicStroke arm = new BasicStroke(limb * 0.72f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND);
        double hip = ground - 0.86 * s;
        double shoulder = ground - 1.42 * s;
        limb(
                g,
                leg,
                palette.lit(darker(p.trousers()), worldX, z, 0.3),
                x,
                hip,
                x - 0.30 * s * swing,
                ground - 0.06 * s,
                0.05 * s);
        limb(
                g,
                arm,
                palette.lit(darker(p.top()), worldX, z, 1.1),
                x,
                shoulder + 0.06 * s,
                x + 0.26 * s * swing,
                hip + 0.02 * s,
                0.08 * s);
        limb(
                g,
                leg,
                palette.lit(p.trousers(), worldX, z, 0.3),
                x,
                hip,
                x + 0.30 * s * swing,
                ground - 0.04 * s,
                0.05 * s);
        g.setColor(palette.lit(0x1B1816, worldX, z, 0.1));
        g.fill(new Ellipse2D.Double(x + 0.30 * s * swing - 0.1 * s, ground - 0.09 * s, 0.24 * s, 0.09 * s));
        g.fill(new Ellipse2D.Double(x - 0.30 * s * swing - 0.1 * s, ground - 0.11 * s, 0.24 * s, 0.09 * s));
        double torsoHalf = 0.21 * s * p.girth();
        double hem = p.longCoat() ? ground - 0.45 * s : hip + 0.06 * s;
        Path2D torso = new Path2D.Double();
        torso.moveTo(x - torsoHalf, shoulder);
        torso.quadTo(x, shoulder - 0.07 * s, x + torsoHalf, shoulder);
        torso.lineTo(x + torsoHalf * (p.longCoat() ? 1.15 : 0.85), hem);
        torso.lineTo(x - torsoHalf * (p.longCoat() ? 1.15 : 0.85), hem);
        torso.closePath();
        g.setColor(palette.lit(p.top(), worldX, z, 1.1));
        g.fill(torso);
        if (p.bag()) {
            g.setColor(palette.lit(0x4A3526, worldX, z, 1.0));
            g.fill(new RoundRectangle2D.Double(
                    x - torsoHalf - 0.1 * s, shoulder + 0.08 * s, 0.18 * s, 0.4 * s, 0.08 * s, 0.08 * s));
        }
        limb(
                g,
                arm,
                palette.lit(p.top(), worldX, z, 1.1),
                x,
                shoulder + 0.07 * s,
                x - 0.26 * s * swing,
                hip + 0.04 * s,
                0.08 * s);
        g.setColor(palette.lit(p.skin(), worldX, z, 1.5));
        g.fill(new Rectangle2D.Double(x - 0.05 * s, shoulder - 0.12 * s, 0.1 * s, 0.14 * s));
        g.fill(new Ellipse2D.Double(x - 0.105 * s, shoulder - 0.33 * s, 0.21 * s, 0.26 * s));
        g.setColor(palette.lit(p.hair(), worldX, z, 1.6));
        g.fill(new java.awt.geom.Arc2D.Double(
                x - 0.115 * s, shoulder - 0.345 * s, 0.23 * s, 0.24 * s, 10, 160, java.awt.geom.Arc2D.CHORD));
        boxes.add(Box.newBuilder()
                .setCategory("pedestrian")
                .setX1(Math.max(0, left))
                .setY1(Math.max(0, shoulder - 0.345 * s))
                .setX2(Math.min(width, right))
                .setY2(Math.min(height, ground + 0.04 * s))
                .build());
    }

    private static void limb(
            Graphics2D g, BasicStroke stroke, Color colour, double x1, double y1, double x2, double y2, double bend) {
        Path2D path = new Path2D.Double();
        path.moveTo(x1, y1);
        path.quadTo((x1 + x2) / 2 + bend, (y1 + y2) / 2, x2, y2);
        g.setStroke(stroke);
        g.setColor(colour);
        g.draw(path);
    }

    private void rain(Graphics2D g, int frame) {
        if (conditions.weather() != Weather.RAINY) {
            return;
        }
        SplittableRandom random = new SplittableRandom(StreamPlan.mix(Double.doubleToLongBits(scene.wiggle), frame));
        g.setStroke(new BasicStroke(Math.max(1f, width / 640f)));
        g.setColor(new Color(200, 205, 215, palette.night() ? 50 : 80));
        for (int i = 0; i < 220; i++) {
            double x = random.nextDouble() * width;
            double y = random.nextDouble() * height;
            double length = height * (0.02 + 0.05 * random.nextDouble());
            g.draw(new Line2D.Double(x, y, x - length * 0.18, y + length));
        }
    }
}
