// Each test runs a whole Belljar, and a starter takes ports that are free when it is written.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
