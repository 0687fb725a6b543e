"""`python -m tfgan_suite` is `tfgan-suite`."""

import sys

from tfgan_suite.cli import main

sys.exit(main())
