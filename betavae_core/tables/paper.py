"""The numbers printed in the paper, shown beside ours, never as ours. Fil, Mesinovic, Morris and
Wildberger (2021), β-VAE Reproducibility: Challenges and Extensions."""

# Table 1: 2Dshapes, MLP VAE, linear classifier, L = 64, accuracy in %, over four seeds.
# representation → (mean, standard deviation, median)
TABLE_1: dict[str, dict[float | str, tuple[float, float, float]]] = {
    "all": {
        0.1: (65.13, 4.98, 64.79),
        1.0: (64.31, 6.56, 63.79),
        4.0: (74.53, 15.06, 76.62),
        10.0: (76.77, 11.44, 79.67),
        "pca": (69.79, 4.22, 71.53),
        "ica": (68.99, 1.68, 69.38),
    },
    "no-shape": {
        0.1: (81.89, 2.33, 81.82),
        1.0: (82.39, 5.79, 81.37),
        4.0: (89.09, 15.82, 95.15),
        10.0: (86.86, 15.5, 88.81),
        "pca": (88.95, 3.89, 89.91),
        "ica": (83.94, 2.16, 84.12),
    },
}
# the same table's last column: Higgins et al. (2017), four factors, mean and its error
PUBLISHED: dict[str, dict[float | str, tuple[float, float]]] = {
    "higgins": {
        1.0: (61.58, 0.5),
        4.0: (99.23, 0.1),
        "pca": (84.9, 0.4),
        "ica": (42.03, 10.6),
    }
}

# Table 2: dataset → classifier → (mean, standard deviation) over all β, accuracy in %
TABLE_2 = {
    "2dshapes": {
        "linear": (77.62, 13.04),
        "mlp": (78.8, 12.73),
        "forest": (80.16, 12.29),
        "logistic": (80.73, 12.03),
    },
    "3dshapes": {
        "linear": (91.98, 6.82),
        "mlp": (92.61, 6.82),
        "forest": (94.45, 6.52),
        "logistic": (94.89, 5.67),
    },
    "mpi3d-toy": {
        "linear": (33.21, 14.38),
        "mlp": (34.78, 15.72),
        "forest": (36.25, 16.91),
        "logistic": (35.86, 16.82),
    },
}

# Table 3: FID of reconstructions against the data, InceptionV3; β or model → value
TABLE_3: dict[str, dict[float | str, float]] = {
    "cifar10": {0.1: 197.8, 1.0: 171.1, 4.0: 221.1, 10.0: 266.5, "WGAN-GP": 29.3},
    "cifar100": {0.1: 132.1, 1.0: 163.5, 4.0: 204.6, 10.0: 252.9},
}

# Figure 3, in words: the values of β with the best final scores on MPI3DToy, the best first
BEST_ON_MPI3D = (0.1, 1.0)
# Figure 4, in words: of so many factors so many are visibly clean, at nearly perfect scores
CLEAN_FACTORS = (2, 5)
