"""ResNet-50 on CIFAR-10: the paper's figure 2a, rerunnable, and what comes after it.

Three small CNNs (surrogates) are trained on true labels.  ResNet-50 is trained on true labels
(the standard target) and on each surrogate's predictions (surrogate-to-target, S2T).  Run as
``python -m experiments.cifar10 --help``.

Records that are kept rest on the keys of the random numbers, so these stay lists of integers and
are no `kdverify.seeds.stream`.  After the seed stands: 0 for the random features and their rows, 1
for the order of the images that networks get, (1, repetition) for the rows of linear students, 2
for rows of the row theory, 3 for heads, 4 for a tangent kernel's head, 5 for wrong labels, 6 and 7
for lazy samples and the batches of their networks; a network's kind and channels, then the pass,
for its batches.  Zeros at the end of a short key count for nothing, so three are one stream: the
order of the images, the first pass of a standard target and the first repetition of linear
students.  It shuffles different things in each, and no statistic joins them.
"""
