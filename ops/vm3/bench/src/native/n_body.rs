//! Five bodies that attract each other.

/// One list per coordinate, as the program has them.
struct Bodies {
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    vx: Vec<f64>,
    vy: Vec<f64>,
    vz: Vec<f64>,
    mass: Vec<f64>,
}

const BODIES: usize = 5;
/// The time of one step.
const STEP: f64 = 0.01;

/// The energy of the system after n steps.
pub(super) fn n_body(n: i64) -> f64 {
    let mut bodies = Bodies::new();
    let mut step = 0;
    while step < n {
        bodies.attract();
        bodies.advance();
        step += 1;
    }
    bodies.energy()
}

impl Bodies {
    fn new() -> Self {
        let list = || {
            let mut list = Vec::new();
            while list.len() < BODIES {
                list.push(0.0);
            }
            list
        };
        let mut bodies = Self { x: list(), y: list(), z: list(), vx: list(), vy: list(), vz: list(), mass: list() };
        for i in 0..BODIES {
            let number = i as f64;
            bodies.x[i] = number;
            bodies.y[i] = number * 2.0;
            bodies.z[i] = number * 3.0;
            bodies.vx[i] = number * 0.1;
            bodies.vy[i] = number * 0.2;
            bodies.vz[i] = number * 0.3;
            bodies.mass[i] = number + 1.0;
        }
        bodies
    }

    fn attract(&mut self) {
        let mut i = 0;
        while i < BODIES {
            let mut j = i + 1;
            while j < BODIES {
                let dx = self.x[i] - self.x[j];
                let dy = self.y[i] - self.y[j];
                let dz = self.z[i] - self.z[j];
                let square = dx * dx + dy * dy + dz * dz;
                let magnitude = STEP / (square * square.sqrt());
                let pull_i = self.mass[i] * magnitude;
                let pull_j = self.mass[j] * magnitude;
                self.vx[i] -= dx * pull_j;
                self.vy[i] -= dy * pull_j;
                self.vz[i] -= dz * pull_j;
                self.vx[j] += dx * pull_i;
                self.vy[j] += dy * pull_i;
                self.vz[j] += dz * pull_i;
                j += 1;
            }
            i += 1;
        }
    }

    fn advance(&mut self) {
        let mut i = 0;
        while i < BODIES {
            self.x[i] += self.vx[i] * STEP;
            self.y[i] += self.vy[i] * STEP;
            self.z[i] += self.vz[i] * STEP;
            i += 1;
        }
    }

    fn energy(&self) -> f64 {
        let (mut energy, mut i) = (0.0, 0);
        while i < BODIES {
            let speed = self.vx[i] * self.vx[i] + self.vy[i] * self.vy[i] + self.vz[i] * self.vz[i];
            let kinetic = self.mass[i] * 0.5 * speed;
            let (mut potential, mut j) = (0.0, i + 1);
            while j < BODIES {
                let dx = self.x[i] - self.x[j];
                let dy = self.y[i] - self.y[j];
                let dz = self.z[i] - self.z[j];
                let distance = (dx * dx + dy * dy + dz * dz).sqrt();
                potential += self.mass[i] * self.mass[j] / distance;
                j += 1;
            }
            energy += kinetic - potential;
            i += 1;
        }
        energy
    }
}
