"""ResNet-50 on CIFAR-10: the paper's figure 2a, rerunnable, and what comes after it.

Three small CNNs (surrogates) are trained on true labels.  ResNet-50 is trained on true labels
(the standard target) and on each surrogate's predictions (surrogate-to-target, S2T).  Run as
``python -m experiments.cifar10 --help``.
"""
