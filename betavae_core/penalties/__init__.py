"""What an objective adds to the reconstruction loss, one file for each of the objectives that the
β-VAE is compared with. This table needs no torch."""

from dataclasses import dataclass

BETA_VAE = "beta-vae"


@dataclass(frozen=True)
class Objective:
    """One row of the table: its title for people, the symbol and the usual value of the weight
    that RunConfig calls `strength`, the formula of the loss, and the source."""

    title: str
    symbol: str
    usual: float
    loss: str
    source: str


OBJECTIVES: dict[str, Objective] = {
    BETA_VAE: Objective("β-VAE", "β", 4.0, "NLL + β · KL", "Higgins et al. 2017"),
    "beta-tcvae": Objective(
        "β-TCVAE", "β", 6.4, "NLL + KL + (β − 1) · total correlation", "Chen et al. 2018"
    ),
    "capacity": Objective(
        "Annealed capacity", "γ", 100.0, "NLL + γ · |KL − C|, C rising", "Burgess et al. 2018"
    ),
    "factor-vae": Objective(
        "FactorVAE", "γ", 6.4, "NLL + KL + γ · total correlation (by a critic)", "Kim & Mnih 2018"
    ),
    "dip-vae-i": Objective(
        "DIP-VAE-I",
        "λ",
        10.0,
        "NLL + KL + λ · Σ off-diagonal² + 10 λ · Σ (diagonal − 1)², of Cov[mean]",
        "Kumar et al. 2018",
    ),
    "dip-vae-ii": Objective(
        "DIP-VAE-II",
        "λ",
        10.0,
        "NLL + KL + λ · (Σ off-diagonal² + Σ (diagonal − 1)²), of Cov[z]",
        "Kumar et al. 2018",
    ),
}
COMPARED = tuple(name for name in OBJECTIVES if name != BETA_VAE)
